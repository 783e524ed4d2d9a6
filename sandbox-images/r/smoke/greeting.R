greet <- function(name) paste("Grüße,", name)
