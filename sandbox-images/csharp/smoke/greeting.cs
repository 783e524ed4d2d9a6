static class Greeting
{
    public static string Greet(string name) => $"Grüße, {name}";
}
