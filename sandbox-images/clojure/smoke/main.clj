(require '[greeting :refer [greet]])

(let [names (line-seq (java.io.BufferedReader. *in*))]
  (run! (comp println greet) names)
  (println (count names) "names"))
