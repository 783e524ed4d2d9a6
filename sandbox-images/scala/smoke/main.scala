object Main extends App {
  val names = io.Source.stdin.getLines().toList
  names.foreach(name => println(Greeting.greet(name)))
  println(s"${names.size} names")
}
