import java.io.File

// Compiled while the image is built, so that what the compiler needs for such code is in its cache.
sealed interface Shape
data class Circle(val radius: Double) : Shape
object Nothing : Shape

fun area(shape: Shape): Double = when (shape) {
    is Circle -> Math.PI * shape.radius * shape.radius
    Nothing -> 0.0
}

class Counter(private val step: Int = 1) {
    var count: Int by kotlin.properties.Delegates.notNull()
    operator fun plus(other: Int): Int = step + other
}

inline fun <reified T> Iterable<*>.only(): List<T> = filterIsInstance<T>()

fun main(arguments: Array<String>) {
    val lines = generateSequence(::readLine).map(String::trim).filter { it.isNotEmpty() }.toList()
    val groups = lines.groupBy { it.first() }.mapValues { (_, words) -> words.sumOf { it.length } }
    println("${groups.entries.sortedBy { it.key }} ${area(Circle(1.0))} ${listOf(1, "a").only<Int>()} ${Counter() + 1}")
    for (index in 0 until 10 step 2) print(index)
    try {
        error("text ${File(".").name}")
    } catch (exception: IllegalStateException) {
        System.err.println(exception.message ?: "none")
    }
}
