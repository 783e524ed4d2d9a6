object Greeting {
  def greet(name: String): String = s"Grüße, $name"
}
