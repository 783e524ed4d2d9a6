; Run while the image is built, so that what Clojure needs for such code is in its cache.
(require '[clojure.string :as string] '[clojure.set :as set])
(defmulti area :kind)
(defmethod area :circle [{:keys [radius]}] (* Math/PI radius radius))
(defn lines [] (line-seq (java.io.BufferedReader. *in*)))
(println (frequencies (map string/trim (lines))) (area {:kind :circle :radius 1}))
(println (->> (range 10) (filter even?) (map inc) (reduce +)) (set/union #{1} #{2}) (format "%.2f" 1.5))
(try (throw (ex-info "text" {:a 1})) (catch Exception error (println (ex-message error))))
(let [state (atom 0)] (dotimes [_ 3] (swap! state inc)) (println @state *command-line-args*))
