func greet(_ name: String) -> String {
    "Grüße, \(name)"
}
