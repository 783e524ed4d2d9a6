import java.util.Scanner;

public class Main {
    public static void main(String[] arguments) {
        var names = new Scanner(System.in);
        int count = 0;
        for (; names.hasNextLine(); count++) System.out.println(Greeting.greet(names.nextLine()));
        System.out.println(count + " names");
    }
}
