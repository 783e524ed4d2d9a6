fun main() {
    val names = generateSequence(::readlnOrNull).toList()
    names.forEach { println(greet(it)) }
    println("${names.size} names")
}
