; Runs before every program: what was printed before a kill must not be lost, and where somebody talks to the program, a
; question must show before its line ends.
(module line-buffered '#%kernel
  (file-stream-buffer-mode (current-output-port) (if (environment-variables-ref (current-environment-variables) #"BERTH_INTERACTIVE") 'none 'line)))
