fun greet(name: String) = "Grüße, $name"
