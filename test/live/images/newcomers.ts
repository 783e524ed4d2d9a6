/** What somebody types first in a project of a language, and what that prints; one after the other, in one project without a network. */
export interface Newcomer {
  readonly files?: Readonly<Record<string, string>>
  /** A line for a shell, and what it prints on both streams: as part of it, or as an expression. */
  readonly commands: readonly (readonly [command: string, prints: string | RegExp])[]
}

/** Serves what is in the directory, is asked for it as soon as it listens, and ends. */
const asked = (server: string): string => `(${server}) > /tmp/server.log 2>&1 & curl -sS --retry 40 --retry-delay 1 --retry-connrefused "http://127.0.0.1:$PORT/greeting.txt"; kill $!`

const greeting = { 'greeting.txt': 'good day\n' }

const MAKE_WHEEL = `
import zipfile
with zipfile.ZipFile('greet-1.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('greet/__init__.py', 'def hello():\\n    print("hello from greet")\\n')
    wheel.writestr('greet-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: greet\\nVersion: 1.0\\n')
    wheel.writestr('greet-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('greet-1.0.dist-info/entry_points.txt', '[console_scripts]\\ngreet = greet:hello\\n')
    wheel.writestr('greet-1.0.dist-info/RECORD', '')
`

const node: Newcomer = {
  files: {
    ...greeting,
    'main.js': 'const name = "you"\nconsole.log("hello,", name)\n',
    'typed.ts': 'const count: number = "one"\nconsole.log(count)\n',
    'server.js': 'require("http").createServer((_q, a) => require("fs").createReadStream("greeting.txt").pipe(a)).listen(process.env.PORT)\n',
    'greet/package.json': '{ "name": "greet", "version": "1.0.0", "bin": "greet.js" }',
    'greet/greet.js': '#!/usr/bin/env node\nconsole.log("hello from greet")\n',
    'addon/package.json': '{ "name": "addon", "version": "1.0.0" }',
    'addon/binding.gyp': '{ "targets": [{ "target_name": "addon", "sources": ["addon.cc"] }] }',
    'addon/addon.cc': '#include <node.h>\nvoid Answer(const v8::FunctionCallbackInfo<v8::Value>& args) { args.GetReturnValue().Set(42); }\nNODE_MODULE_INIT() { NODE_SET_METHOD(exports, "answer", Answer); }\n'
  },
  commands: [
    ['node main.js', 'hello, you'],
    ['npm init -y', '"name": "workspace"'],
    ['npm install ./greet', 'added 1 package'],
    ['npx greet', 'hello from greet'],
    ['npm install --global --install-links ./greet && command -v greet && greet', /^[^]*\n\/workspace\/\.local\/bin\/greet\nhello from greet\n$/],
    ['cd addon && npm install && node -p "require(\'./build/Release/addon\').answer()"', /\n42\n$/],
    ['tsc --noEmit typed.ts', 'error TS2322'],
    ['pnpm --version', /^\d+\.\d+/],
    ['pnpm init --bare; pnpm add ./greet', /greet/],
    ['yarn --version', /^1\./],
    ['npm install left-pad', /^npm: this project has no network, so that nothing can be downloaded\n[^]*npm error/],
    ['printf "cont\\n.exit\\n" | timeout 20 node inspect main.js', 'Break on start in main.js:1'],
    [asked('node server.js'), 'good day']
  ]
}

/** By language. */
export const newcomers: Readonly<Record<string, Newcomer>> = {
  bash: {
    files: { 'main.sh': 'echo hello, $1\n' },
    commands: [
      ['bash main.sh you', 'hello, you'],
      ['shellcheck --shell=bash main.sh', 'SC2086'],
      ['shfmt -d main.sh && echo formatted', 'formatted'],
      ['bash-language-server --version', /^\d+\.\d+/]
    ]
  },
  bun: {
    files: {
      ...greeting,
      'main.ts': 'const name: string = "you"\nconsole.log("hello,", name)\n',
      'main.test.ts': 'import { expect, test } from "bun:test"\ntest("adds", () => expect(1 + 1).toBe(2))\n',
      'greet/package.json': '{ "name": "greet", "version": "1.0.0" }',
      'greet/index.js': 'export const hello = () => console.log("hello from greet")\n',
      'use.ts': 'import { hello } from "greet"\nhello()\n',
      'server.ts': 'Bun.serve({ port: process.env.PORT, fetch: () => new Response(Bun.file("greeting.txt")) })\n'
    },
    commands: [
      ['bun run main.ts', 'hello, you'],
      ['bun test', '1 pass'],
      ['bun add ./greet && bun use.ts', 'hello from greet'],
      [asked('bun server.ts'), 'good day']
    ]
  },
  c: {
    files: {
      'main.c': '#include <stdio.h>\nint main(void) {\n  int answer = 42;\n  printf("%d\\n", answer);\n  return 0;\n}\n',
      Makefile: 'main: main.c\n\tcc -g -o main main.c\n',
      'CMakeLists.txt': 'cmake_minimum_required(VERSION 3.20)\nproject(main C)\nadd_executable(main main.c)\n'
    },
    commands: [
      ['make && ./main', '42'],
      ['gdb -batch -ex "break 4" -ex run -ex "print answer" ./main', '$1 = 42'],
      ['cmake -B build && cmake --build build && build/main', /\n42\n$/],
      ['clang-format main.c', '  int answer = 42;'],
      ['clangd --check=main.c', 'All checks completed'],
      ['man 3 printf | head -n 20', 'printf']
    ]
  },
  clojure: {
    files: { 'main.clj': '(println "hello," (System/getenv "USER"))\n' },
    commands: [['clojure main.clj', 'hello, sandbox'], ['clj -e "(+ 1 2)"', '3']]
  },
  cpp: {
    files: {
      'main.cpp': '#include <iostream>\nint main() {\n  int answer = 42;\n  std::cout << answer << std::endl;\n}\n',
      'CMakeLists.txt': 'cmake_minimum_required(VERSION 3.20)\nproject(main CXX)\nadd_executable(main main.cpp)\n'
    },
    commands: [
      ['g++ -g -o main main.cpp && ./main', '42'],
      ['gdb -batch -ex "break 4" -ex run -ex "print answer" ./main', '$1 = 42'],
      ['cmake -B build && cmake --build build && build/main', /\n42\n$/],
      ['clangd --check=main.cpp', 'All checks completed']
    ]
  },
  csharp: {
    files: { 'main.cs': 'class Program { static void Main() { System.Console.WriteLine("hello"); } }\n' },
    commands: [['mcs main.cs && mono main.exe', 'hello'], ['csharp -e "6 * 7"', '42']]
  },
  deno: {
    files: {
      ...greeting,
      'main.ts': 'const name: string = "you"\nconsole.log("hello,", name)\n',
      'main.test.ts': 'Deno.test("adds", () => { if (1 + 1 !== 2) throw new Error() })\n',
      'server.ts': 'Deno.serve({ port: Number(Deno.env.get("PORT")) }, () => new Response(Deno.readTextFileSync("greeting.txt")))\n'
    },
    commands: [
      ['deno run main.ts', 'hello, you'],
      ['deno test', '1 passed'],
      ['deno fmt --check main.ts', 'Found 1 not formatted file'],
      [asked('deno run -A server.ts'), 'good day']
    ]
  },
  elixir: {
    files: { 'main.exs': 'IO.puts("hello")\n' },
    commands: [['elixir main.exs', 'hello'], ['mix new greet && cd greet && mix test', '1 doctest, 1 test, 0 failures'], ['elixir -e "IO.inspect(6 * 7)"', '42']]
  },
  erlang: {
    files: { 'main.erl': '-module(main).\n-export([start/0]).\nstart() -> io:format("hello~n").\n' },
    commands: [['erlc main.erl && erl -noshell -s main start -s init stop', 'hello'], ['rebar3 new lib greet && cd greet && rebar3 compile', 'Compiling greet']]
  },
  fortran: {
    files: { 'main.f90': 'program main\n  integer :: answer\n  answer = 42\n  print *, answer\nend program\n' },
    commands: [['gfortran -g -o main main.f90 && ./main', '42'], ['gdb -batch -ex "break 4" -ex run -ex "print answer" ./main', '$1 = 42']]
  },
  go: {
    files: {
      ...greeting,
      'main.go': 'package main\n\nimport (\n\t"net/http"\n\t"os"\n)\n\nfunc main() {\n\tprintln("hello")\n\tif len(os.Args) > 1 {\n\t\thttp.ListenAndServe(":"+os.Getenv("PORT"), http.FileServer(http.Dir(".")))\n\t}\n}\n',
      'main_test.go': 'package main\n\nimport "testing"\n\nfunc TestNothing(t *testing.T) {}\n'
    },
    commands: [
      ['go mod init example.org/greet', 'creating new go.mod'],
      ['go run .', 'hello'],
      ['go test ./...', 'ok'],
      ['go vet ./... && gofmt -l .', ''],
      ['gopls version', 'golang.org/x/tools/gopls'],
      ['go get example.org/nothing', /^go: this project has no network/],
      ['printf "break main.main\\ncontinue\\nexit\\n" | dlv debug --allow-non-terminal-interactive=true .', 'main.main()'],
      ['go build -o greet .', ''],
      [asked('./greet serve'), 'good day']
    ]
  },
  haskell: {
    files: { 'main.hs': 'main :: IO ()\nmain = putStrLn "hello"\n' },
    commands: [['runghc main.hs', 'hello'], ['ghc -o main main.hs && ./main', /\nhello\n$/], ['echo "6 * 7" | ghci', '42'], ['cabal --version', 'cabal-install']]
  },
  java: {
    files: {
      ...greeting,
      'Main.java': 'public class Main {\n  public static void main(String[] args) {\n    System.out.println("hello");\n  }\n}\n'
    },
    commands: [
      ['java Main.java', 'hello'],
      ['javac -g Main.java && java Main', 'hello'],
      ['(printf "stop at Main:3\\nrun\\n"; until grep -q "Breakpoint hit" out; do sleep 0.1; done; echo cont) | jdb Main > out; cat out', 'Breakpoint hit'],
      ['echo "6 * 7" | jshell', '42'],
      ['mvn --version', 'Apache Maven'],
      [asked('jwebserver -p $PORT'), 'good day']
    ]
  },
  javascript: node,
  kotlin: {
    files: { 'main.kt': 'fun main() {\n  println("hello")\n}\n' },
    commands: [['kotlinc main.kt && kotlin MainKt', 'hello']]
  },
  lua: {
    files: {
      'main.lua': 'print("hello")\n',
      'greet.lua': 'return { hello = function() print("hello from greet") end }\n',
      'greet-1.0-1.rockspec': 'package = "greet"\nversion = "1.0-1"\nsource = { url = "file:///workspace" }\nbuild = { type = "builtin", modules = { greet = "greet.lua" } }\n'
    },
    commands: [
      ['lua main.lua', 'hello'],
      ['luarocks make && cd /tmp && lua -e "require(\'greet\').hello()"', 'hello from greet']
    ]
  },
  ocaml: {
    files: { 'main.ml': 'let () = print_endline "hello"\n' },
    commands: [['ocaml main.ml', 'hello'], ['dune init proj greet && cd greet && dune exec greet', 'Hello, World!'], ['opam --version', /^2\./]]
  },
  pascal: {
    files: { 'main.pas': 'begin\n  writeln(\'hello\');\nend.\n' },
    commands: [['fpc main.pas && ./main', 'hello']]
  },
  perl: {
    files: {
      'main.pl': 'print "hello\\n";\n',
      't/adds.t': 'use Test::More tests => 1;\nis(1 + 1, 2);\n',
      'greet/Makefile.PL': 'use ExtUtils::MakeMaker;\nWriteMakefile(NAME => "Greet", VERSION => "1.0");\n',
      'greet/lib/Greet.pm': 'package Greet;\nsub hello { print "hello from Greet\\n" }\n1;\n'
    },
    commands: [
      ['perl main.pl', 'hello'],
      ['prove', 'All tests successful'],
      ['cpanm ./greet && perl -MGreet -e "Greet::hello()"', 'hello from Greet'],
      ['perldoc -T -f print | head -n 5', 'print'],
      ['printf "n\\np 6 * 7\\nq\\n" | perl -d main.pl', '42']
    ]
  },
  php: {
    files: {
      ...greeting,
      'main.php': '<?php echo "hello\\n";\n',
      'composer.json': '{ "name": "some/body", "repositories": [{ "type": "path", "url": "greet" }, { "packagist.org": false }], "minimum-stability": "dev" }',
      'greet/composer.json': '{ "name": "some/greet", "autoload": { "files": ["greet.php"] } }',
      'greet/greet.php': '<?php function hello() { echo "hello from greet\\n"; }\n',
      'use.php': '<?php require "vendor/autoload.php"; hello();\n'
    },
    commands: [
      ['php main.php', 'hello'],
      ['composer require some/greet && php use.php', 'hello from greet'],
      [asked('php -S "0.0.0.0:$PORT"'), 'good day']
    ]
  },
  python: {
    files: {
      ...greeting,
      'main.py': 'name = "you"\nprint("hello,", name)\n',
      'wrong.py': 'count: int = "one"\n',
      'make_wheel.py': MAKE_WHEEL,
      'addon.c': '#include <Python.h>\nstatic struct PyModuleDef module = { PyModuleDef_HEAD_INIT, "addon" };\nPyMODINIT_FUNC PyInit_addon(void) { return PyModule_Create(&module); }\n'
    },
    commands: [
      ['python3 main.py', 'hello, you'],
      ['python main.py', 'hello, you'],
      ['python make_wheel.py && pip install ./greet-1.0-py3-none-any.whl', 'Successfully installed greet-1.0'],
      ['greet && command -v greet', 'hello from greet\n/workspace/.local/bin/greet'],
      ['python -m venv .venv', ''],
      ['command -v python', /^\/workspace\/\.venv\/bin\/python\n$/],
      ['pip --version', 'from /workspace/.venv/lib'],
      ['python -c "import greet"', 'ModuleNotFoundError'],
      ['pip install ./greet-1.0-py3-none-any.whl && python -c "import greet, sys; print(sys.prefix)"', /\n\/workspace\/\.venv\n$/],
      ['pip list', /^greet +1\.0$/m],
      ['pip install flask', /^pip: this project has no network, so that nothing can be downloaded\n/],
      ['gcc -shared -fPIC $(python3-config --includes) -o addon.so addon.c && python -c "import addon; print(addon.__name__)"', 'addon'],
      ['printf "n\\nn\\np name\\nq\\n" | python -m pdb main.py', '\'you\''],
      ['pyright wrong.py', /is not assignable to declared type "int"/],
      [asked('python -m http.server $PORT'), 'good day']
    ]
  },
  r: {
    files: {
      'main.R': 'cat("hello\\n")\n',
      'greet/DESCRIPTION': 'Package: greet\nVersion: 1.0\nTitle: Greets\nDescription: Greets.\nAuthor: A\nMaintainer: A <a@example.org>\nLicense: GPL-2\n',
      'greet/NAMESPACE': 'export(hello)\n',
      'greet/R/greet.R': 'hello <- function() cat("hello from greet\\n")\n'
    },
    commands: [['Rscript main.R', 'hello'], ['R CMD INSTALL greet && Rscript -e "greet::hello()"', 'hello from greet']]
  },
  racket: {
    files: { 'main.rkt': '#lang racket\n(displayln "hello")\n' },
    commands: [['racket main.rkt', 'hello'], ['raco make main.rkt && racket -e "(* 6 7)"', '42']]
  },
  ruby: {
    files: {
      'main.rb': 'puts "hello"\n',
      'greet.gemspec': 'Gem::Specification.new("greet", "1.0") { |s| s.summary = "Greets"; s.authors = ["A"]; s.files = ["greet.rb"]; s.require_paths = ["."] }\n',
      'greet.rb': 'def hello = puts("hello from greet")\n',
      'app/Gemfile': 'gem "greet", path: ".."\n'
    },
    commands: [
      ['ruby main.rb', 'hello'],
      ['gem build greet.gemspec && gem install --local greet-1.0.gem && cd /tmp && ruby -e "require \'greet\'; hello"', 'hello from greet'],
      ['cd app && bundle install && bundle exec ruby -e "require \'greet\'; hello"', 'hello from greet'],
      ['echo "6 * 7" | irb', '42'],
      ['gem install nothing-of-that-name', /^gem: this project has no network/]
    ]
  },
  rust: {
    commands: [
      ['cargo new greet', 'Creating binary'],
      ['cd greet && cargo run', 'Hello, world!'],
      ['cd greet && cargo test', 'test result: ok'],
      ['cd greet && cargo fmt --check && cargo clippy', 'Finished'],
      ['cd greet && gdb -batch -ex "break greet::main" -ex run -ex bt target/debug/greet', 'greet::main'],
      ['cd greet && cargo add serde', /^cargo: this project has no network/],
      ['cd greet && rust-analyzer diagnostics .', 'diagnostic scan complete']
    ]
  },
  scala: {
    files: { 'main.scala': 'object Main extends App { println("hello") }\n' },
    commands: [['scalac main.scala && scala Main', 'hello']]
  },
  sqlite: {
    files: { 'main.sql': 'create table a (n);\ninsert into a values (42);\nselect n from a;\n' },
    commands: [['sqlite3 some.db < main.sql', '42'], ['sqlite3 -header some.db "select * from a"', 'n\n42']]
  },
  swift: {
    files: { 'main.swift': 'print("hello")\n' },
    commands: [['swiftc main.swift && ./main', 'hello']]
  },
  typescript: node
}
