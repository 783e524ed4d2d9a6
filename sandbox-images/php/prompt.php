<?php
// Runs before programs that somebody talks to: PHP's own readline() shows its prompt at a terminal only.
function readline(?string $prompt = null): string|false
{
    if ($prompt !== null) {
        fwrite(STDOUT, $prompt);
    }
    $line = fgets(STDIN);
    return $line === false ? false : rtrim($line, "\r\n");
}
