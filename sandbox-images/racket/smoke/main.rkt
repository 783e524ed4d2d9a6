#lang racket

(require "greeting.rkt")

(define names (port->lines))
(for-each (compose displayln greet) names)
(printf "~a names\n" (length names))
