%% The group leader of programs that somebody talks to. Erlang's own reads standard input ahead from the start on, so that
%% nobody could tell when a program waits for it. This one leaves output to it, and reads when and as far as it is asked to.
-module(berth_io).
-export([install/0]).

install() ->
    Output = whereis(user),
    Leader = spawn(fun() ->
        % Standard input is no regular file, and is read where a thread may block.
        {ok, Input} = file:open("/dev/stdin", [raw, binary, read, skip_type_check]),
        loop(#{output => Output, input => Input, rest => []})
    end),
    unregister(user),
    register(user, Leader),
    group_leader(Leader, self()).

loop(#{output := Output} = State) ->
    receive
        {io_request, From, ReplyAs, Request} = Message ->
            case is_for_output(Request) of
                true ->
                    Output ! Message,
                    loop(State);
                false ->
                    {Reply, Next} = handle(Request, State),
                    From ! {io_reply, ReplyAs, Reply},
                    loop(Next)
            end;
        _ ->
            loop(State)
    end.

is_for_output({requests, _}) -> false;
is_for_output(Request) -> reading(Request) =:= none.

handle({requests, []}, State) -> {ok, State};
handle({requests, [Request | Rest]}, State) ->
    case handle(Request, State) of
        {Reply, Next} when Rest =:= []; element(1, Reply) =:= error -> {Reply, Next};
        {_, Next} -> handle({requests, Rest}, Next)
    end;
handle(Request, #{output := Output} = State) ->
    case reading(Request) of
        none -> {request(Output, Request), State};
        {Encoding, Prompt, What} ->
            ask(Output, Prompt),
            {Result, Next} = read(What, State),
            {encode(Result, Encoding, is_binary_wanted(Output)), Next}
    end.

reading({get_line, Prompt}) -> {latin1, Prompt, line};
reading({get_line, Encoding, Prompt}) -> {Encoding, Prompt, line};
reading({get_chars, Prompt, Count}) -> {latin1, Prompt, {chars, Count}};
reading({get_chars, Encoding, Prompt, Count}) -> {Encoding, Prompt, {chars, Count}};
reading({get_until, Prompt, Module, Function, Arguments}) -> {latin1, Prompt, {until, Module, Function, Arguments}};
reading({get_until, Encoding, Prompt, Module, Function, Arguments}) -> {Encoding, Prompt, {until, Module, Function, Arguments}};
reading({get_password, Encoding}) -> {Encoding, "", line};
reading(_) -> none.

ask(Output, Prompt) ->
    case unicode:characters_to_binary(io_lib:format_prompt(Prompt, unicode)) of
        <<>> -> ok;
        Text -> request(Output, {put_chars, unicode, Text})
    end.

read(line, State) ->
    line(State, []);
read({chars, Count}, State) ->
    chars(Count, State, []);
read({until, Module, Function, Arguments}, State) ->
    until(Module, Function, Arguments, [], State).

line(State, Read) ->
    case char(State) of
        {eof, Next} when Read =:= [] -> {eof, Next};
        {eof, Next} -> {lists:reverse(Read), Next};
        {$\n, Next} -> {lists:reverse(Read, "\n"), Next};
        {Char, Next} -> line(Next, [Char | Read])
    end.

chars(0, State, Read) -> {lists:reverse(Read), State};
chars(Count, State, Read) ->
    case char(State) of
        {eof, Next} when Read =:= [] -> {eof, Next};
        {eof, Next} -> {lists:reverse(Read), Next};
        {Char, Next} -> chars(Count - 1, Next, [Char | Read])
    end.

until(Module, Function, Arguments, Continuation, State) ->
    {Line, Next} = line(State, []),
    case apply(Module, Function, [Continuation, Line | Arguments]) of
        {done, Result, eof} -> {Result, Next};
        {done, Result, Rest} -> {Result, Next#{rest := Rest ++ maps:get(rest, Next)}};
        {more, More} -> until(Module, Function, Arguments, More, Next)
    end.

char(#{rest := [Char | Rest]} = State) -> {Char, State#{rest := Rest}};
char(#{input := Input} = State) ->
    case file:read(Input, 1) of
        {ok, Byte} -> {decode(Byte, Input), State};
        _ -> {eof, State}
    end.

%% Of what is not UTF-8, each byte is a character.
decode(<<Byte>> = First, Input) ->
    More = if Byte >= 16#f0 -> 3; Byte >= 16#e0 -> 2; Byte >= 16#c0 -> 1; true -> 0 end,
    Bytes = lists:foldl(fun(_, Read) ->
        case file:read(Input, 1) of {ok, Next} -> <<Read/binary, Next/binary>>; _ -> Read end
    end, First, lists:seq(1, More)),
    case unicode:characters_to_list(Bytes) of
        [Char] -> Char;
        _ -> Byte
    end.

%% Elixir sets this before a program begins.
is_binary_wanted(Output) ->
    case request(Output, getopts) of
        Options when is_list(Options) -> proplists:get_value(binary, Options, false);
        _ -> false
    end.

encode(Text, Encoding, true) when is_list(Text) ->
    case unicode:characters_to_binary(Text, unicode, Encoding) of
        Encoded when is_binary(Encoded) -> Encoded;
        _ -> {error, {no_translation, unicode, Encoding}}
    end;
encode([_ | _] = Text, latin1, _) ->
    case lists:all(fun(Char) -> not is_integer(Char) orelse Char =< 255 end, Text) of
        true -> Text;
        false -> {error, {no_translation, unicode, latin1}}
    end;
encode(Result, _, _) -> Result.

request(Process, Request) ->
    Reference = monitor(process, Process),
    Process ! {io_request, self(), Reference, Request},
    receive
        {io_reply, Reference, Reply} -> demonitor(Reference, [flush]), Reply;
        {'DOWN', Reference, _, _, _} -> {error, terminated}
    end.
