defmodule Greeting do
  def greet(name), do: "Grüße, #{name}"
end
