Code.require_file("greeting.exs")

names = IO.stream() |> Enum.map(&String.trim_trailing/1)
for name <- names, do: IO.puts(Greeting.greet(name))
IO.puts("#{length(names)} names")
