<?php
function greet(string $name): string {
    return "Grüße, $name";
}
