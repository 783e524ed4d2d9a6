package greeting

func Greet(name string) string { return "Grüße, " + name }
