-module(greeting).
-export([greet/1]).

greet(Name) -> "Grüße, " ++ Name.
