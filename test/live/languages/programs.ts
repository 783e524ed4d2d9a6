/** What every language is to show beside its smoke program, which reads input and has several files. */
export interface Programs {
  /** Prints its arguments, each on a line of its own. */
  readonly args: string
  /** Prints `before` and ends with exit code 3. */
  readonly exit: string
  /** Prints `before` and never ends. */
  readonly loop: string
  /** Does not parse, or does not compile. */
  readonly broken: string
}

const js = {
  exit: 'console.log("before"); process.exit(3)',
  loop: 'console.log("before"); for (;;) {}',
  broken: 'let x = = 1'
}

export const programs: Readonly<Record<string, Programs>> = {
  bash: {
    args: 'printf "%s\\n" "$@"',
    exit: 'echo before; exit 3',
    loop: 'echo before; while :; do :; done',
    broken: 'if true; then\nfi fi'
  },
  bun: { ...js, args: 'process.argv.slice(2).forEach(a => console.log(a))' },
  c: {
    args: '#include <stdio.h>\nint main(int n, char **a) { for (int i = 1; i < n; i++) puts(a[i]); }',
    exit: '#include <stdio.h>\nint main(void) { printf("before\\n"); return 3; }',
    loop: '#include <stdio.h>\nint main(void) { printf("before\\n"); for (volatile int i = 0;; i++); }',
    broken: 'int main(void) { return 0 }'
  },
  clojure: {
    args: '(run! println *command-line-args*)',
    exit: '(println "before") (System/exit 3)',
    loop: '(println "before") (loop [] (recur))',
    broken: '(println "a"'
  },
  cpp: {
    args: '#include <iostream>\nint main(int n, char **a) { for (int i = 1; i < n; i++) std::cout << a[i] << "\\n"; }',
    exit: '#include <iostream>\nint main() { std::cout << "before\\n"; return 3; }',
    loop: '#include <iostream>\nint main() { std::cout << "before\\n"; for (volatile int i = 0;; i = i + 1); }',
    broken: 'int main() { int x = "text"; }'
  },
  csharp: {
    args: 'class P { static void Main(string[] a) { foreach (var s in a) System.Console.WriteLine(s); } }',
    exit: 'class P { static int Main() { System.Console.WriteLine("before"); return 3; } }',
    loop: 'class P { static void Main() { System.Console.WriteLine("before"); for (;;) {} } }',
    broken: 'class P { static void Main() { int x = "text"; } }'
  },
  deno: { ...js, args: 'Deno.args.forEach((a: string) => console.log(a))', exit: 'console.log("before"); Deno.exit(3)' },
  elixir: {
    args: 'System.argv() |> Enum.each(&IO.puts/1)',
    exit: 'IO.puts("before")\nSystem.halt(3)',
    loop: 'defmodule L do\n  def loop, do: loop()\nend\nIO.puts("before")\nL.loop()',
    broken: 'defmodule A do\n  def a, do: ('
  },
  erlang: {
    args: 'main(Args) -> [io:format("~ts~n", [A]) || A <- Args].',
    exit: 'main(_) -> io:format("before~n"), halt(3).',
    loop: '-module(main).\n-export([main/1, loop/0]).\nmain(_) -> io:format("before~n"), loop().\nloop() -> loop().',
    broken: 'main(_) -> nowhere(.'
  },
  fortran: {
    args: 'program a\ncharacter(len=64) :: arg\ninteger :: i\ndo i = 1, command_argument_count()\ncall get_command_argument(i, arg)\nprint "(a)", trim(arg)\nend do\nend program',
    exit: 'program a\nprint "(a)", "before"\nstop 3, quiet=.true.\nend program',
    loop: 'program a\nprint "(a)", "before"\ndo\nend do\nend program',
    broken: 'program a\nimplicit none\nx = 1\nend program'
  },
  go: {
    args: 'package main\nimport ("fmt"; "os")\nfunc main() { for _, a := range os.Args[1:] { fmt.Println(a) } }',
    exit: 'package main\nimport ("fmt"; "os")\nfunc main() { fmt.Println("before"); os.Exit(3) }',
    loop: 'package main\nimport "fmt"\nfunc main() { fmt.Println("before"); for {} }',
    broken: 'package main\nimport "fmt"\nfunc main() { }'
  },
  haskell: {
    args: 'import System.Environment\nmain = getArgs >>= mapM_ putStrLn',
    exit: 'import System.Exit\nmain = putStrLn "before" >> exitWith (ExitFailure 3)',
    // The one language here that keeps what it prints until it ends, unless it is told not to.
    loop: 'import System.IO\nmain = hSetBuffering stdout LineBuffering >> putStrLn "before" >> loop 0\nloop :: Int -> IO ()\nloop n = if n < 0 then return () else loop ((n + 1) `mod` 7)',
    broken: 'main = putStrLn (1 :: Int)'
  },
  java: {
    args: 'public class Args { public static void main(String[] a) { for (var s : a) System.out.println(s); } }',
    exit: 'void main() { System.out.println("before"); System.exit(3); }',
    loop: 'class Helper {}\nclass Loop { public static void main(String[] a) { System.out.println("before"); for (;;) {} } }',
    broken: 'class A { public static void main(String[] a) { int x = "text"; } }'
  },
  javascript: { ...js, args: 'process.argv.slice(2).forEach(a => console.log(a))' },
  kotlin: {
    args: 'fun main(args: Array<String>) = args.forEach { println(it) }',
    exit: 'fun main() { println("before"); kotlin.system.exitProcess(3) }',
    loop: 'fun main() { println("before"); while (true) {} }',
    broken: 'fun main() { val x: Int = "text" }'
  },
  lua: {
    args: 'for _, a in ipairs(arg) do print(a) end',
    exit: 'print("before") os.exit(3)',
    loop: 'print("before") while true do end',
    broken: 'local x = = 1'
  },
  ocaml: {
    args: 'let () = Array.iteri (fun i a -> if i > 0 then print_endline a) Sys.argv',
    exit: 'let () = print_string "before\\n"; exit 3',
    loop: 'let () = print_string "before\\n"; while true do () done',
    broken: 'let x : int = "text"'
  },
  pascal: {
    args: 'program A;\nvar i: Integer;\nbegin for i := 1 to ParamCount do WriteLn(ParamStr(i)); end.',
    exit: 'program A;\nbegin WriteLn(\'before\'); Halt(3); end.',
    loop: 'program A;\nbegin WriteLn(\'before\'); while True do; end.',
    broken: 'program A;\nbegin x := 1; end.'
  },
  perl: {
    args: 'print "$_\\n" for @ARGV',
    exit: 'print "before\\n"; exit 3',
    loop: 'print "before\\n"; 1 while 1',
    broken: 'my $x = = 1;'
  },
  php: {
    args: '<?php foreach (array_slice($argv, 1) as $a) echo "$a\\n";',
    exit: '<?php echo "before\\n"; exit(3);',
    loop: '<?php echo "before\\n"; while (true);',
    broken: '<?php $x = = 1;'
  },
  python: {
    args: 'import sys\nfor a in sys.argv[1:]: print(a)',
    exit: 'import sys; print("before"); sys.exit(3)',
    loop: 'print("before")\nwhile True: pass',
    broken: 'x = = 1'
  },
  r: {
    args: 'for (a in commandArgs(trailingOnly = TRUE)) cat(a, "\\n", sep = "")',
    exit: 'cat("before\\n"); quit(status = 3)',
    loop: 'cat("before\\n"); while (TRUE) {}',
    broken: 'x <- <- 1'
  },
  racket: {
    args: '#lang racket/base\n(for ([a (current-command-line-arguments)]) (displayln a))',
    exit: '#lang racket/base\n(displayln "before")\n(exit 3)',
    loop: '#lang racket/base\n(displayln "before")\n(let loop () (loop))',
    broken: '#lang racket/base\n(displayln "a"'
  },
  ruby: {
    args: 'puts ARGV',
    exit: 'puts "before"; exit 3',
    loop: 'puts "before"; loop {}',
    broken: 'x = = 1'
  },
  rust: {
    args: 'fn main() { for a in std::env::args().skip(1) { println!("{a}"); } }',
    exit: 'fn main() { println!("before"); std::process::exit(3) }',
    loop: 'fn main() { println!("before"); loop { std::hint::spin_loop() } }',
    broken: 'fn main() { let x: i32 = "text"; }'
  },
  scala: {
    args: 'object Main extends App { args.foreach(println) }',
    exit: 'object Main extends App { println("before"); sys.exit(3) }',
    loop: 'object Main { def main(args: Array[String]): Unit = { println("before"); while (true) {} } }',
    broken: 'object Main extends App { val x: Int = "text" }'
  },
  sqlite: {
    // What follows the program are further statements.
    args: '',
    exit: 'SELECT \'before\';\n.exit 3',
    loop: 'SELECT \'before\';\nWITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT count(*) FROM r;',
    broken: 'SELEC 1;'
  },
  swift: {
    args: 'for a in CommandLine.arguments.dropFirst() { print(a) }',
    exit: 'import Foundation\nprint("before")\nexit(3)',
    loop: 'print("before")\nwhile true {}',
    broken: 'let x: Int = "text"'
  },
  typescript: {
    args: 'process.argv.slice(2).forEach((a: string) => console.log(a))',
    exit: 'console.log("before"); process.exit(3)',
    loop: 'console.log("before"); for (;;) {}',
    broken: 'const x: number = "text"'
  }
}
