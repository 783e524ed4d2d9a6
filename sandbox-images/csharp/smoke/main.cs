using System;
using System.Collections.Generic;
using System.Linq;

static class Program
{
    static IEnumerable<string> Lines()
    {
        while (Console.ReadLine() is string line) yield return line;
    }

    static void Main()
    {
        var names = Lines().ToList();
        foreach (var name in names) Console.WriteLine(Greeting.Greet(name));
        Console.WriteLine($"{names.Count} names");
    }
}
