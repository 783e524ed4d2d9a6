module Greeting (greet) where

greet :: String -> String
greet name = "Grüße, " ++ name
