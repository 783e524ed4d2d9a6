; Runs before programs that somebody talks to: a question shows before its line ends.
(let [out System/out]
  (alter-var-root #'*out*
    (constantly
      (proxy [java.io.Writer] []
        (write
          ([text] (.print out (if (integer? text) (str (char text)) (if (string? text) text (String. ^chars text)))))
          ([text from length]
            (.print out (if (string? text) (subs text from (+ from length)) (String. ^chars text (int from) (int length))))))
        (append ([text] (.print out (str text)) *out*)
          ([text from to] (.print out (str (.subSequence ^CharSequence text from to))) *out*))
        (flush [] (.flush out))
        (close [] (.flush out))))))
