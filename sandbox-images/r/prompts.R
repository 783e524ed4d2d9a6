# Runs before programs that somebody talks to: R's own readline() waits at a terminal only.
local({
  ask <- function(prompt = "") {
    cat(prompt)
    line <- readLines(stdin(), 1L)
    if (length(line) == 0L) "" else line
  }
  environment(ask) <- baseenv()
  unlockBinding("readline", baseenv())
  assign("readline", ask, envir = baseenv())
  lockBinding("readline", baseenv())
})
