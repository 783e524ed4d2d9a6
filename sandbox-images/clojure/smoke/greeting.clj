(ns greeting)

(defn greet [name] (str "Grüße, " name))
