package Greeting;
use v5.36;

sub greet ($name) { "Grüße, $name" }

1;
