; Runs before every program: what was printed before a kill must not be lost.
(module line-buffered '#%kernel
  (file-stream-buffer-mode (current-output-port) 'line))
