source("greeting.R")

names <- readLines(file("stdin"))
for (name in names) cat(greet(name), "\n", sep = "")
cat(length(names), "names\n")
