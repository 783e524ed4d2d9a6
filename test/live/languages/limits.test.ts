import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBerth, type Berth } from '../support/berth.ts'

const MIB = 2 ** 20

/** Each asks its runtime for more memory than there is, in a way that the runtime notices itself. */
const greedy: ReadonlyArray<[string, string, string]> = [
  ['java', 'a list that grows', 'import java.util.*; class Main { public static void main(String[] a) { var l = new ArrayList<long[]>(); while (true) l.add(new long[100_000]); } }'],
  ['java', 'a class that is made', 'class Main { static int[] x = new int[500_000_000]; public static void main(String[] a) { System.out.println(x.length); } }'],
  ['kotlin', 'an array', 'fun main() { println(LongArray(500_000_000).size) }'],
  ['scala', 'an array', 'object Main { def main(a: Array[String]): Unit = println(new Array[Long](500000000).length) }'],
  ['clojure', 'an array', '(println (alength (long-array 500000000)))'],
  ['csharp', 'an array', 'class P { static void Main() { var x = new long[1000000000]; System.Array.Fill(x, 1); System.Console.WriteLine(x.Length); } }'],
  ['javascript', 'a heap', 'const a = []; for (;;) a.push({ a: a.length, b: [a.length] })'],
  ['python', 'a string', 'x = "a" * 10**14'],
  ['python', 'an array', 'import numpy\nnumpy.ones(10**13)'],
  ['cpp', 'a vector', '#include <vector>\n#include <cstdio>\nint main() { std::vector<long> v(1L << 45); std::printf("%zu\\n", v.size()); }'],
  ['rust', 'a vector', 'fn main() { let v = vec![1u8; std::hint::black_box(1usize << 46)]; println!("{}", v.len()); }'],
  ['go', 'a slice', 'package main\nimport "fmt"\nfunc main() { n := 1 << 46; x := make([]byte, n); fmt.Println(len(x)) }'],
  ['php', 'a string', '<?php echo strlen(str_repeat("a", PHP_INT_MAX >> 16));'],
  ['ruby', 'a string', 'puts ("a" * (1 << 46)).size'],
  ['lua', 'a string', 'print(#string.rep("a", 1 << 30))'],
  ['r', 'a vector', 'x <- numeric(1e13)\nprint(length(x))'],
  ['perl', 'a string', 'my $x = "a" x (1 << 46); print length $x;'],
  ['ocaml', 'an array', 'let () = print_int (Bytes.length (Bytes.create (1 lsl 46)))'],
  ['haskell', 'a list', 'main :: IO ()\nmain = let x = [1 .. 100000000] :: [Integer] in print (sum x) >> print (length x)']
]

const languages = [...new Set([...greedy.map(([language]) => language), 'c', 'fortran'])]

let berth: Berth
beforeAll(async () => { berth = await startBerth({ RUNTIMES: languages.join(','), LOG_LEVEL: 'error' }) }, 240_000)
afterAll(async () => await berth.stop())

const compiled = new Set(['c', 'cpp', 'csharp', 'fortran', 'go', 'haskell', 'java', 'kotlin', 'ocaml', 'rust', 'scala'])
const execute = async (language: string, code: string, more: Record<string, unknown> = {}) =>
  await berth.execute({ language, code, timeout: 30_000, ...(compiled.has(language) ? { compileTimeout: 60_000 } : {}), ...more })

describe('memory', () => {
  it.each(greedy)('that %s has no more of is memory_limit, whoever notices first: %s', async (language, _, code) => {
    const result = await execute(language, code)
    expect(result, `${result.compile?.output}${result.compile?.error}${result.error.slice(-800)}`).toMatchObject({ status: 'memory_limit', errorKind: null })
  })

  it.each<[string, string, string]>([
    ['java', 'an error of that name that the program has caught', 'class Main { public static void main(String[] a) { try { System.out.println(new long[500_000_000].length); } catch (OutOfMemoryError e) { System.err.println(e); System.exit(3); } } }'],
    ['java', 'threads that are refused', 'class Main { public static void main(String[] a) { throw new OutOfMemoryError("unable to create native thread: possibly out of memory or process/resource limits reached"); } }'],
    ['python', 'words that a program prints', 'import sys\nsys.exit("no MemoryError: none")']
  ])('is not said to be short in %s for %s', async (language, _, code) => {
    expect(await execute(language, code)).toMatchObject({ status: 'runtime_error' })
  })

  it.each<[string, string]>([
    ['java', 'class Main { public static void main(String[] a) { byte[] x = new byte[190 << 20]; System.out.println(x.length > 0); } }'],
    ['kotlin', 'fun main() { val x = ByteArray(190 shl 20); println(x.size > 0) }'],
    ['go', 'package main\nfunc main() { x := make([]byte, 150<<20); for i := range x { x[i] = 1 }; for j := 0; j < 40; j++ { y := make([]byte, 8<<20); for i := range y { y[i] = 1 }; x[j] = y[j] }; println(x[0] == 1) }']
  ])('is for the most part a program\'s own in %s', async (language, code) => {
    const result = await execute(language, code, { memoryLimit: 256 * MIB })
    expect(result, result.error).toMatchObject({ status: 'completed' })
    expect(result.output + result.error).toBe('true\n')
  })
})

describe('the stack', () => {
  const deep: ReadonlyArray<[string, string]> = [
    ['c', '#include <stdio.h>\nint f(volatile int n) { volatile char pad[64]; pad[0] = 1; return n == 0 ? 0 : f(n - 1) + pad[0]; }\nint main(void) { printf("%d\\n", f(1000000)); }'],
    ['cpp', '#include <iostream>\nint main() { volatile char big[64 << 20]; for (int i = 0; i < (64 << 20); i += 4096) big[i] = 1; std::cout << 999999 + big[4096] << "\\n"; }'],
    ['rust', 'fn f(n: u64) -> u64 { let x = std::hint::black_box([n; 8]); if n == 0 { 0 } else { f(n - 1) + x[1] / x[2] } }\nfn main() { println!("{}", f(1000000)); }'],
    ['fortran', 'program p\n print "(I0)", f(1000000)\ncontains\n recursive integer function f(n) result(r)\n  integer, intent(in) :: n\n  integer, volatile :: pad(8)\n  pad(1) = 1\n  if (n == 0) then\n   r = 0\n  else\n   r = f(n - 1) + pad(1)\n  end if\n end function\nend program'],
    ['java', 'class Main { static int f(int n) { return n == 0 ? 0 : f(n - 1) + 1; } public static void main(String[] a) { System.out.println(800_000 + f(200_000)); } }'],
    ['kotlin', 'fun f(n: Int): Int = if (n == 0) 0 else f(n - 1) + 1\nfun main() = println(800_000 + f(200_000))'],
    ['clojure', '(defn f [n] (if (zero? n) 0 (inc (f (dec n)))))\n(println (+ 800000 (f 200000)))'],
    ['ocaml', 'let rec f n = if n = 0 then 0 else 1 + f (n - 1)\nlet () = Printf.printf "%d\\n" (f 1000000)'],
    ['python', 'import sys\nsys.setrecursionlimit(2_000_000)\ndef f(n): return 0 if n == 0 else f(n - 1) + 1\nprint(f(1_000_000))']
  ]
  it.each(deep)('of %s is as deep as the memory limit allows', async (language, code) => {
    const result = await execute(language, code, { memoryLimit: 512 * MIB })
    expect(result, `${result.compile?.error}${result.error.slice(0, 400)}`).toMatchObject({ status: 'completed', output: '1000000\n' })
  })

  it.each<[string, string, string]>([
    ['c', 'int f(int n) { volatile char pad[1000]; pad[0] = n; return n < 0 ? 0 : f(n + 1) + pad[0]; }\nint main(void) { return f(1); }', 'memory_limit'],
    ['java', 'class Main { static int f(int n) { return f(n + 1) + 1; } public static void main(String[] a) { try { f(0); } catch (StackOverflowError e) { System.out.println("caught"); System.exit(3); } } }', 'runtime_error']
  ])('of %s that has no end has an honest verdict', async (language, code, status) => {
    expect((await execute(language, code)).status).toBe(status)
  })
})

describe('threads', () => {
  it.each<[string, string]>([
    ['python', 'import threading\nb = threading.Barrier(201)\nts = [threading.Thread(target=b.wait) for _ in range(200)]\n[t.start() for t in ts]\nb.wait()\n[t.join() for t in ts]\nprint(200)'],
    ['java', 'import java.util.concurrent.*; class Main { public static void main(String[] a) throws Exception { var l = new CountDownLatch(200); var ts = new Thread[200]; for (int i = 0; i < 200; i++) { ts[i] = new Thread(() -> { l.countDown(); try { l.await(); } catch (InterruptedException e) { } }); ts[i].start(); } for (var t : ts) t.join(); System.out.println(200); } }'],
    ['cpp', '#include <barrier>\n#include <cstdio>\n#include <thread>\n#include <vector>\nint main() { std::barrier b(200); std::vector<std::thread> v; for (int i = 0; i < 200; i++) v.emplace_back([&] { b.arrive_and_wait(); }); for (auto &t : v) t.join(); std::puts("200"); }']
  ])('of %s may be two hundred at once', async (language, code) => {
    const result = await execute(language, code)
    expect(result, result.error).toMatchObject({ status: 'completed', output: '200\n' })
  })
})
