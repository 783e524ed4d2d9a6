greet() { printf 'Grüße, %s\n' "$1"; }
