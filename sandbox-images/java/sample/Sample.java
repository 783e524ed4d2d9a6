import java.util.*;
import java.util.function.*;
import java.util.stream.*;

/** Compiled while the image is built, so that what the compiler needs for such code is in its cache. */
public class Sample {
    sealed interface Shape permits Circle, Square {}

    record Circle(double radius) implements Shape {}

    record Square(double side) implements Shape {}

    enum Colour { RED, GREEN }

    static double area(Shape shape) {
        return switch (shape) {
            case Circle(var radius) -> Math.PI * radius * radius;
            case Square(var side) -> side * side;
        };
    }

    static <T extends Comparable<T>> Optional<T> largest(Collection<? extends T> values) {
        T largest = null;
        for (T value : values) if (largest == null || value.compareTo(largest) > 0) largest = value;
        return Optional.ofNullable(largest);
    }

    public static void main(String[] arguments) throws Exception {
        var scanner = new Scanner(System.in);
        Map<String, List<Integer>> groups = new HashMap<>();
        while (scanner.hasNextLine()) groups.computeIfAbsent(scanner.nextLine().trim(), key -> new ArrayList<>()).add(1);
        Function<Integer, Integer> twice = value -> value * 2;
        System.out.println(IntStream.range(0, 10).boxed().map(twice).collect(Collectors.toList()));
        System.out.printf("%.2f %s %s%n", area(new Circle(1)), largest(List.of(1, 2)), Arrays.toString(Colour.values()));
        try {
            throw new IllegalStateException("text " + groups.size());
        } catch (IllegalStateException error) {
            System.err.println(error.getMessage());
        }
        new Thread(() -> System.out.println("""
            text block""")).start();
    }
}
