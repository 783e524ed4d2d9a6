fun main() {
    val names = generateSequence(::readLine).toList()
    names.forEach { println(greet(it)) }
    println("${names.size} names")
}
