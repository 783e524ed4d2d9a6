class Greeting {
    static String greet(String name) {
        return "Grüße, " + name;
    }
}
