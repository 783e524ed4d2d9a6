let greet name = "Grüße, " ^ name
