main(_) ->
    Names = names(io:get_line("")),
    [io:format("~ts~n", [greeting:greet(Name)]) || Name <- Names],
    io:format("~b names~n", [length(Names)]).

names(eof) -> [];
names(Line) -> [string:trim(Line) | names(io:get_line(""))].
