// Compiled while the image is built, so that what the compiler needs for such code is in its cache.
sealed trait Shape
case class Circle(radius: Double) extends Shape
case object Nothing extends Shape

object Sample {
  implicit class Doubled(val value: Int) extends AnyVal { def twice: Int = value * 2 }

  def area(shape: Shape): Double = shape match {
    case Circle(radius) => math.Pi * radius * radius
    case Nothing => 0.0
  }

  def main(arguments: Array[String]): Unit = {
    val lines = io.Source.stdin.getLines().map(_.trim).filter(_.nonEmpty).toList
    val groups = lines.groupBy(_.head).mapValues(_.map(_.length).sum)
    println(s"${groups.toSeq.sortBy(_._1)} ${area(Circle(1.0))} ${3.twice}")
    for (i <- 0 until 10 if i % 2 == 0; j <- List(i)) print(j)
    try sys.error("text") catch { case error: RuntimeException => Console.err.println(error.getMessage) }
  }
}
