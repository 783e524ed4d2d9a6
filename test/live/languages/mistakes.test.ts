import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBerth, type Berth } from '../support/berth.ts'

let berth: Berth
beforeAll(async () => { berth = await startBerth({ RUNTIMES: 'bun,c,cpp,csharp,deno,fortran,javascript,rust,typescript', LOG_LEVEL: 'error' }) }, 240_000)
afterAll(async () => await berth.stop())

const compiled = new Set(['c', 'cpp', 'csharp', 'fortran', 'rust', 'typescript'])
const execute = async (language: string, code: string) =>
  await berth.execute({ language, code, timeout: 30_000, ...(compiled.has(language) ? { compileTimeout: 60_000 } : {}) })

describe('what courses teach', () => {
  it.each<[string, string, string, object]>([
    ['c', 'a division by zero that the compiler sees', 'int main(void) { int a = 1 / 0; return a; }', { signal: 'SIGFPE' }],
    ['c', 'a remainder by zero', '#include <stdio.h>\nint main(void) { volatile int z = 0; printf("%d", 1 % z); }', { signal: 'SIGFPE' }],
    ['cpp', 'one over zero', '#include <cstdio>\nint main() { volatile int z = 0; int x = 1 / z; std::printf("%d", x); }', { signal: 'SIGFPE' }],
    ['c', 'a null pointer', 'int main(void) { int *p = 0; *p = 3; return *p; }', { signal: 'SIGSEGV' }],
    ['rust', 'an overflow', 'fn main() { let x: i32 = std::hint::black_box(i32::MAX); println!("{}", x * 2); }', { exitCode: 101 }],
    ['csharp', 'pointers', 'class P { static unsafe void Main() { int* p = stackalloc int[2]; p[1] = 7; System.Console.WriteLine(p[1]); } }', { status: 'completed', output: '7\n' }],
    ['cpp', 'OpenMP', '#include <cstdio>\nint main() { int n = 0;\n#pragma omp parallel for reduction(+:n)\nfor (int i = 0; i < 10; i++) n += i;\n#ifdef _OPENMP\nstd::printf("%d\\n", n);\n#endif\n}', { status: 'completed', output: '45\n' }],
    ['fortran', 'OpenMP', 'program p\n use omp_lib\n print "(L1)", omp_get_max_threads() > 0\nend program', { status: 'completed', output: 'T\n' }]
  ])('shows in %s: %s', async (language, _, code, expected) => {
    expect(await execute(language, code)).toMatchObject(expected)
  })
})

describe('output before an exit', () => {
  const many = 'for (let i = 0; i < 60_000; i++) console.log(i)\n'
  it.each<[string, string]>([
    ['javascript', 'process.stdout.write("x".repeat(900_000) + "END\\n"); process.exit(0)'],
    ['javascript', `${many}console.log("END"); process.exit(0)`],
    ['javascript', 'process.on("exit", () => console.log("x".repeat(300_000) + "END")); process.exit(0)'],
    ['javascript', 'require("node:fs"); console.log("x".repeat(300_000) + "END"); setImmediate(() => process.exit(0))'],
    ['typescript', `${many}console.log("END"); process.exit(0)`],
    ['bun', 'console.log("x".repeat(900_000) + "END"); process.exit(0)'],
    ['bun', `${many}console.log("END"); process.exit(0)`],
    ['deno', 'import process from "node:process"; process.stdout.write("x".repeat(900_000) + "END\\n"); process.exit(0)'],
    ['deno', `${many}console.log("END"); Deno.exit(0)`]
  ])('of %s is whole', async (language, code) => {
    const { status, output, truncated } = await execute(language, code)
    expect({ status, end: output.slice(-4), truncated }).toEqual({ status: 'completed', end: 'END\n', truncated: { output: false, error: false } })
  })

  it('is whole on stderr, and after an exception that nobody catches', async () => {
    const result = await execute('javascript', 'process.stderr.write("x".repeat(500_000) + "END\\n"); throw new Error("last")')
    expect(result).toMatchObject({ status: 'runtime_error', exitCode: 1 })
    expect(result.error).toContain('END\n')
    expect(result.error).toContain('Error: last')
  })
})
