import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBerth, type Berth } from '../support/berth.ts'
import { programs } from './programs.ts'

const languages = ['bash', 'bun', 'c', 'cpp', 'deno', 'elixir', 'erlang', 'fortran', 'go', 'haskell', 'java', 'javascript', 'ocaml', 'pascal', 'perl', 'php', 'python', 'ruby', 'rust', 'swift', 'typescript']

let berth: Berth
beforeAll(async () => { berth = await startBerth({ RUNTIMES: languages.join(','), LOG_LEVEL: 'error' }) }, 240_000)
afterAll(async () => await berth.stop())

type Files = Readonly<Record<string, string>>

async function output (language: string, files: Files, more: Record<string, unknown> = {}): Promise<string> {
  const compiled = programs[language] === undefined ? {} : { compileTimeout: 60_000 }
  const result = await berth.execute({
    language, timeout: 30_000, ...compiled, files: Object.entries(files).map(([path, content]) => ({ path, content })), ...more
  })
  return result.status === 'completed' ? result.output : `${result.status}: ${result.compile?.output}${result.compile?.error}${result.error}`
}

describe('a byte order mark', () => {
  it.each<[string, Files]>([
    ['bash', { 'main.sh': '\ufeff. ./lib.sh\nsay', 'lib.sh': '\ufeffsay() { echo A; }' }],
    ['php', { 'main.php': '\ufeff<?php include "a.inc"; echo "A\n";', 'a.inc': '\ufeff<?php' }],
    ['ocaml', { 'main.ml': '\ufefflet () = print_endline (U.f ())', 'u.ml': '\ufefflet f () = "A"', 'u.mli': '\ufeffval f : unit -> string' }],
    ['erlang', { 'main.erl': '\ufeff-include("a.hrl").\nmain(_) -> io:format("~s~n", [?A]).', 'a.hrl': '\ufeff-define(A, "A").' }],
    ['java', { 'Main.java': '\ufeffclass Main { public static void main(String[] a) { System.out.println(U.a()); } }', 'U.java': '\ufeffclass U { static String a() { return "A"; } }' }]
  ])('is no part of any source of %s', async (language, files) => {
    expect(await output(language, files)).toBe('A\n')
  })

  it('stays in data', async () => {
    expect(await output('ruby', { 'main.rb': '\ufeffp File.binread("d.txt").bytes.first(3)', 'd.txt': '\ufeffx' })).toBe('[239, 187, 191]\n')
  })
})

describe('carriage returns', () => {
  const script = 'for i in a b; do\n  echo "$i"\ndone\nsource ./lib\ncat <<EOT | wc -c\nhere\nEOT\nwc -c < data.csv\n'
  it('are no part of a Bash script, its libraries and their first lines, and stay in data', async () => {
    const files = { 'main.sh': script.replaceAll('\n', '\r\n'), lib: '#!/bin/bash\r\nif true; then\r\n  echo lib\r\nfi\r\n', 'data.csv': '1,2\r\n' }
    expect(await output('bash', files)).toBe('a\nb\nlib\n5\n5\n')
  })

  it('do not keep a script from being started by its first line', async () => {
    expect(await output('python', {
      'main.py': 'import os, subprocess\nos.chmod("tool", 0o755)\nprint(subprocess.run(["./tool"], capture_output=True, text=True).stdout.strip())',
      tool: '#!/bin/sh\r\necho ran #\r\n'
    })).toBe('ran\n')
  })

  it.each<[string, string]>([
    ['perl', 'print <<EOT;\nA\nEOT\n'], ['ruby', 'puts <<EOT\nA\nEOT\n'], ['php', '<?php echo <<<EOT\nA\n\nEOT;\n'], ['python', 'x = """A"""\nif True:\n  print(x)\n']
  ])('do no harm to %s', async (language, code) => {
    expect((await output(language, {}, { files: undefined, code: code.replaceAll('\n', '\r\n') })).trim()).toBe('A')
  })
})

describe('a set of files', () => {
  it.each<[string, string, Files]>([
    ['cpp', 'sources of several extensions', { 'main.cc': 'char u(); char v();\n#include <cstdio>\nint main() { putchar(u()); putchar(v()); puts(""); }', 'u.cxx': 'char u() { return \'A\'; }', 'lib/v.cpp': 'char v() { return \'B\'; }' }],
    ['c', 'headers in folders, beside one of the system\'s name', { 'src/main.c': '#include <string.h>\n#include <geo/a.h>\n#include "b.h"\n#include <stdio.h>\nint main(void) { printf("%zu%d%d\\n", strlen("A"), A, B); }', 'include/geo/a.h': '#define A 2', 'lib/b.h': '#define B 3', 'include/string.h': '#error wrong' }],
    ['c', 'a source that is included', { 'main.c': '#include "parts/list.c"\n#include <stdio.h>\nint main(void) { printf("%d\\n", f()); }', 'parts/list.c': 'int f(void) { return 7; }', 'other.c': 'int g(void) { return 1; }' }],
    ['java', 'main in a package and in another file than the first', { 'app/Util.java': 'package app; public class Util { static String f() { return "A"; } }', 'app/Start.java': 'package app; public class Start { public static void main(String[] a) { System.out.println(Util.f()); } }' }],
    ['fortran', 'modules that need each other, named against their order', { 'main.f90': 'program p\n use a_mod\n call f\nend program', 'a.f90': 'module a_mod\n use, non_intrinsic :: z_mod\ncontains\n subroutine f\n  print "(A)", z\n end subroutine\nend module', 'z.f95': 'module z_mod\n character(1) :: z = "A"\nend module' }],
    ['javascript', 'a package.json in front', { 'package.json': '{"type":"module"}', 'lib.js': 'export const a = "A"', 'main.js': 'import { a } from "./lib.js"; console.log(a, await 1)' }],
    ['go', 'a package in front', { 'go.mod': 'module x\ngo 1.24\n', 'u/u.go': 'package u\nfunc F() string { return "A" }', 'main.go': 'package main\nimport ("fmt"; "x/u")\nfunc main() { fmt.Println(u.F()) }' }],
    ['rust', 'a library in front', { 'Cargo.toml': '[package]\nname = "my-x"\nedition = "2021"\n', 'src/lib.rs': 'pub fn f() -> &\'static str { "A" }', 'src/main.rs': 'fn main() { println!("{}", my_x::f()) }' }],
    ['haskell', 'a main module of another name in src', { 'src/Start.hs': 'module Start where\nimport Lib\nmain :: IO ()\nmain = putStrLn a', 'src/Lib.hs': 'module Lib where\na :: String\na = "A"' }],
    ['pascal', 'a unit in front, in a folder', { 'lib/u.pas': 'unit u;\ninterface\nfunction f: string;\nimplementation\nfunction f: string; begin f := \'A\'; end;\nend.', 'main.pas': 'program p;\nuses u;\nbegin writeln(f); end.' }],
    ['ocaml', 'interfaces', { 'main.ml': 'let () = print_endline (U.f ())', 'u.ml': 'let g () = "A"\nlet f = g', 'u.mli': 'val f : unit -> string' }],
    ['swift', 'a type that is main', { 'app.swift': '@main struct App { static func main() { print(a()) } }', 'lib.swift': 'func a() -> String { "A" }' }],
    ['swift', 'statements in a file of another name', { 'start.swift': 'print(a())', 'lib.swift': 'func a() -> String { "A" }' }]
  ])('of %s: %s', async (language, _, files) => {
    expect(await output(language, files)).toMatch(/^(A|AB|123|7|A 1)\n$/)
  })
})

describe('the program\'s own configuration', () => {
  it.each<[string, string, Files]>([
    ['typescript', 'looser options, comments and what the compiler no longer knows', { 'main.ts': 'function f(a) { return a }\nconsole.log(f("A"))', 'tsconfig.json': '{ // old\n"compilerOptions": { "strict": false, "target": "es5", "module": "commonjs", "baseUrl": ".", "outDir": "dist", "noEmit": true } }' }],
    ['typescript', 'stricter options', { 'main.ts': 'const a: string[] = []\nconst b: string = a[0]\nconsole.log(b)', 'tsconfig.json': '{"compilerOptions":{"noUncheckedIndexedAccess":true}}' }],
    ['typescript', 'paths, when it runs as well', { 'src/main.ts': 'import { f } from "@lib/u"\nimport { g } from "short"\nconsole.log(f() + g())', 'lib/u.ts': 'export const f = (): string => "A"', 'deep/short/index.ts': 'export const g = (): string => "B"', 'tsconfig.json': '{"compilerOptions":{"paths":{"@lib/*":["./lib/*"],"short":["./deep/short/index.ts"]}}}' }],
    ['rust', 'an older edition', { 'main.rs': 'mod async_ { pub fn f() -> i32 { let async = 1; async } }\nfn main() { println!("A{}", async_::f()) }', 'Cargo.toml': '[package]\nname = "x"\nedition = "2015"\n' }],
    ['rust', 'no edition, and code of the one before', { 'main.rs': 'static mut N: i32 = 1;\nextern "C" { fn abs(n: i32) -> i32; }\nfn main() { unsafe { let n = &N; println!("A{}", abs(-*n)) } }' }]
  ])('of %s counts: %s', async (language, _, files) => {
    expect(await output(language, files)).toMatch(/^(A|AB|A1)\n$|TS2322/)
  })
})

describe('an ES module', () => {
  const code = 'import { readFileSync } from "node:fs"\nfor await (const x of [1, 2]) console.log(x)\nconsole.log(typeof import.meta.url, typeof readFileSync, await Promise.resolve("A"))\n'
  it.each(['javascript', 'typescript', 'bun', 'deno'])('runs in %s as in the others', async (language) => {
    expect(await output(language, {}, { files: undefined, code })).toBe('1\n2\nstring function A\n')
  })

  it('does not make one of a TypeScript program that is none', async () => {
    expect(await output('typescript', { 'main.ts': 'import { a } from "./lib"\nconsole.log(a, typeof require, __filename !== "")', 'lib.ts': 'export const a = "A"' })).toBe('A function true\n')
  })
})
