%% Compiles and runs what escript would run, and modules beside it: a main file needs no -module and no -export.
-module(berth).
-export([compile/0, run/0]).

%% In projects each run has a place of its own.
-define(OUT, filename:join(os:getenv("BERTH_OUT", "/tmp"), "ebin")).
-define(MAIN, filename:join(?OUT, "main")).

%% The main file, then all sources.
compile() ->
    [Main | Sources] = init:get_plain_arguments(),
    ok = filelib:ensure_path(?OUT),
    code:add_patha(?OUT),
    Others = lists:delete(Main, Sources),
    Compiled = [compile_module(File) || File <- Others] ++ [compile_main(Main)],
    halt(case lists:member(error, Compiled) of true -> 1; false -> 0 end).

compile_module(File) ->
    result(compile:file(File, [report, {outdir, ?OUT} | includes()])).

includes() -> [{i, Directory} || Directory <- [".", "include", "src"]].

compile_main(File) ->
    Name = list_to_atom(filename:basename(File, ".erl")),
    {ok, Forms} = epp:parse_file(File, [{default_encoding, utf8}, {includes, [".", "include", "src"]}]),
    Module = case lists:keyfind(module, 3, Forms) of
        {attribute, _, module, Given} -> Given;
        false -> Name
    end,
    Complete = case Module of
        Name -> with_module(Forms, Name);
        _ -> Forms
    end,
    ok = file:write_file(?MAIN, atom_to_list(Module)),
    case compile:forms(Complete, [report, nowarn_unused_function, {source, File}]) of
        {ok, Module, Code} -> file:write_file(filename:join(?OUT, atom_to_list(Module) ++ ".beam"), Code);
        _ -> error
    end.

%% After the file attribute that every parsed file begins with.
with_module([File | Forms], Name) ->
    Given = lists:keymember(module, 3, Forms),
    Mains = [{main, Arity} || {function, _, main, Arity, _} <- Forms],
    [File] ++ [{attribute, 1, module, Name} || not Given] ++ with_export(Forms, Mains).

%% An export must come before the first function and after -module.
with_export([{attribute, _, module, _} = Module | Forms], Mains) -> [Module, {attribute, 1, export, Mains} | Forms];
with_export(Forms, Mains) -> [{attribute, 1, export, Mains} | Forms].

result({ok, _}) -> ok;
result({ok, _, _}) -> ok;
result(_) -> error.

%% Like escript: an exception is printed and the exit code is 127.
run() ->
    Arguments = init:get_plain_arguments(),
    {ok, Name} = file:read_file(?MAIN),
    Module = binary_to_atom(Name),
    {module, Module} = code:ensure_loaded(Module),
    try
        case erlang:function_exported(Module, main, 1) of
            true -> Module:main(Arguments);
            false -> Module:main()
        end
    of
        _ -> init:stop(0)
    catch
        Class:Reason:Stack ->
            io:put_chars(standard_error, erl_error:format_exception(Class, Reason, Stack)),
            io:nl(standard_error),
            halt(127)
    end.
