# Runs before programs that somebody talks to: R's own readline() waits at a terminal only, and stdin() is not the program's
# input where Rscript runs a file.
local({
  input <- file("stdin", "r")
  ask <- function(prompt = "") {
    cat(prompt)
    line <- readLines(input, 1L)
    if (length(line) == 0L) "" else line
  }
  environment(ask) <- list2env(list(input = input), parent = baseenv())
  unlockBinding("readline", baseenv())
  assign("readline", ask, envir = baseenv())
  lockBinding("readline", baseenv())
})
