import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { patience } from '../../support/patience.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { createPistonApi } from './api.ts'

const MIB = 2 ** 20
let berth: Berth
let piston: ReturnType<typeof createPistonApi>
beforeAll(async () => {
  berth = await startBerth({ RUNTIMES: 'python,javascript,bun,c', EXEC_TIMEOUT_MAX: '20s', EXEC_MEMORY_MAX: '512m' }, { settings: { execution: { outputBytes: 65_536 } } })
  piston = createPistonApi(berth)
})
afterAll(async () => await berth.stop())

const python = async (content: string, more: Record<string, unknown> = {}) =>
  (await piston.execute({ language: 'python', files: [{ content }], ...more })).run

describe('GET /api/v2/runtimes', () => {
  it('lists the languages with version and aliases', async () => {
    const response = await piston.get('/runtimes')
    expect(response.status).toBe(200)
    expect(await response.json()).toContainEqual({
      language: 'python', version: expect.stringMatching(/^3\.\d+\.\d+$/), aliases: expect.arrayContaining(['py'])
    })
  })

  it('needs a credential, and says so in Piston\'s shape', async () => {
    const response = await fetch(`${berth.origin}/api/v2/runtimes`)
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ message: expect.stringContaining('Authorization') })
  })
})

describe('POST /api/v2/execute', () => {
  it('answers with exactly the fields of Piston', async () => {
    expect(await piston.execute({ language: 'py', files: [{ content: 'print(6 * 7)' }] })).toEqual({
      language: 'python',
      version: expect.stringMatching(/^3\.\d+\.\d+$/),
      run: {
        stdout: '42\n',
        stderr: '',
        output: '42\n',
        code: 0,
        signal: null,
        message: null,
        status: null,
        cpu_time: expect.any(Number),
        wall_time: expect.any(Number),
        memory: expect.any(Number)
      }
    })
  })

  it.each([
    ['python', 'print(input())'],
    ['javascript', 'process.stdin.on("data", (data) => process.stdout.write(data))'],
    ['bun', 'process.stdout.write(await Bun.stdin.text())']
  ])('runs %s, also when the file has no name', async (language, content) => {
    expect((await piston.execute({ language, files: [{ content }], stdin: 'hello\n' })).run).toMatchObject({ stdout: 'hello\n', stderr: '', code: 0 })
  })

  it('gives files in every encoding, arguments and exactly the stdin that was sent', async () => {
    const { run } = await piston.execute({
      language: 'python',
      files: [
        { name: 'data', content: 'AP8=', encoding: 'base64' },
        { name: 'start.py', content: 'import sys, util; print(util.NAME, sys.argv, repr(sys.stdin.read()), open("data", "rb").read(), open("hex", "rb").read())' },
        { name: 'util.py', content: 'NAME = "ü"', encoding: 'utf8' },
        { name: 'hex', content: '0aff', encoding: 'hex' }
      ],
      stdin: 'a\nb',
      args: ['1', '$HOME', 'x y']
    })
    expect(run.stderr).toBe('')
    expect(run.stdout).toBe("ü ['start.py', '1', '$HOME', 'x y'] 'a\\nb' b'\\x00\\xff' b'\\n\\xff'\n")
  })

  it('has stdout and stderr in the order in which they were written', async () => {
    const run = await python(`
import sys, time
for i in range(30):
    print(i, file=sys.stdout if i % 2 else sys.stderr, flush=True)
    time.sleep(0.01)`)
    expect(run.output).toBe([...Array(30).keys()].map((i) => `${i}\n`).join(''))
    expect(run.stderr).toMatch(/^0\n2\n/)
  })

  it('takes a JSON body without a content type, and no other', async () => {
    const body = { language: 'python', version: '*', files: [{ content: 'print(1)' }] }
    expect((await piston.post(body, {})).status).toBe(200)
    const response = await piston.post(body, { 'Content-Type': 'text/plain' })
    expect(response.status).toBe(415)
    expect(await response.json()).toEqual({ message: 'requests must be of type application/json' })
  })
})

describe('a program that fails', () => {
  it.each<[string, string, object]>([
    ['with its exit code', 'import sys; print("x"); sys.exit(3)', { stdout: 'x\n', code: 3, signal: null, status: 'RE', message: 'Exited with error status 3' }],
    ['by a signal', 'import os; os.kill(os.getpid(), 11)', { code: null, signal: 'SIGSEGV', status: 'SG', message: 'Caught fatal signal 11' }],
    ['by its syntax', 'print(', { stdout: '', code: 1, status: 'RE', stderr: expect.stringContaining('SyntaxError') }],
    ['by too much on stdout', 'while True: print("x" * 1000)', { code: null, signal: 'SIGKILL', status: 'OL', message: 'stdout length exceeded' }],
    ['by too much on stderr', 'import sys\nwhile True: print("x" * 1000, file=sys.stderr)', { code: null, signal: 'SIGKILL', status: 'EL', message: 'stderr length exceeded' }]
  ])('is told as in Piston: %s', async (_, content, expected) => {
    expect(await python(content)).toMatchObject(expected)
  })

  it('has what it printed before its wall-clock limit', async () => {
    const run = await python('import time\nprint("partial", flush=True)\ntime.sleep(60)', { run_timeout: 500 * patience })
    expect(run).toMatchObject({ stdout: 'partial\n', code: null, signal: 'SIGKILL', status: 'TO', message: 'Time limit exceeded (wall clock)' })
    expect(run.wall_time).toBeGreaterThanOrEqual(500 * patience)
  })

  it('is ended by its CPU limit, which sleeping does not count towards', async () => {
    const code = 'import time\ntime.sleep(0.6)\nprint("slept", flush=True)\nwhile True: pass'
    const run = await python(code, { run_cpu_time: 500, run_timeout: 20_000 })
    expect(run).toMatchObject({ stdout: 'slept\n', code: null, signal: 'SIGKILL', status: 'TO', message: 'Time limit exceeded' })
    expect(run.cpu_time).toBeGreaterThanOrEqual(500)
    expect(run.cpu_time).toBeLessThan(1_500 * patience)
  })

  it('is ended after three seconds unless it asks for more', async () => {
    const run = await python('import time; time.sleep(60)')
    expect(run.status).toBe('TO')
    expect(run.wall_time).toBeGreaterThanOrEqual(3_000)
  })

  it('is ended by its memory limit', async () => {
    const run = await python('print("partial", flush=True)\nx = []\nwhile True: x.append(bytearray(2 ** 20))', { run_memory_limit: 64 * MIB })
    expect(run).toMatchObject({ stdout: 'partial\n', code: null, signal: 'SIGKILL', status: 'SG', message: 'Memory limit exceeded' })
  })
})

describe('a compiled program', () => {
  const c = async (content: string, more: Record<string, unknown> = {}) => await piston.execute({ language: 'c', files: [{ content }], compile_timeout: 20_000, compile_cpu_time: 20_000, run_timeout: 20_000, ...more })

  it('has the compiler\'s stage beside its own', async () => {
    const { compile, run } = await c('#include <stdio.h>\nint main (void) { puts("hi"); fputs("err", stderr); return 3; }')
    expect(compile).toMatchObject({ stdout: '', stderr: '', output: '', code: 0, signal: null, message: null, status: null, memory: expect.any(Number) })
    expect(run).toMatchObject({ stdout: 'hi\n', stderr: 'err', code: 3, status: 'RE' })
  })

  it('that does not compile has the compiler\'s stage as its run', async () => {
    const { compile, run } = await c('int main (void) { return')
    expect(compile).toMatchObject({ stdout: '', code: 1, signal: null, status: 'RE', stderr: expect.stringContaining('error') })
    expect(run).toEqual(compile)
  })

  it('is compiled and run within limits of their own', async () => {
    const fill = `#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>
int main (void) { for (int i = 0; i < 64; i++) { char *p = malloc(1 << 20); memset(p, 1, 1 << 20); } puts("done"); }`
    expect((await c(fill, { compile_memory_limit: 256 * MIB, run_memory_limit: 32 * MIB })).run).toMatchObject({ stdout: '', status: 'SG', message: 'Memory limit exceeded' })
    const { compile } = await c(fill, { compile_timeout: 1 })
    expect(compile).toMatchObject({ code: null, signal: 'SIGKILL', status: 'TO' })
  })

  it('is ended by its memory limit when the compiler has left more than that', async () => {
    const { compile, run } = await c('char large[24 << 20] = {1}; int main (void) { return large[0]; }', { run_memory_limit: 16 * MIB })
    expect(compile).toMatchObject({ code: 0, status: null })
    expect(run).toMatchObject({ code: null, signal: 'SIGKILL', status: 'SG', message: 'Memory limit exceeded', memory: 16 * MIB })
  })

  it('takes a main file without an extension, and others beside it', async () => {
    const files = [{ name: 'main', content: 'int answer (void); int main (void) { return answer(); }' }, { content: 'int answer (void) { return 42; }' }]
    expect((await piston.execute({ language: 'c', files })).run.code).toBe(42)
  })
})

describe('limits', () => {
  const allocate = (mib: number) => `x = bytearray(${mib} * 2 ** 20); print(len(x))`

  it.each([{}, { run_memory_limit: -1 }, { run_memory_limit: 512 * MIB, run_timeout: 20_000 }])('reach the server\'s ceiling with %j', async (fields) => {
    expect(await python(allocate(350), fields)).toMatchObject({ code: 0, stdout: `${350 * MIB}\n` })
  })

  it.each([
    [{ run_timeout: 20_001 }, 'run_timeout cannot exceed the configured limit of 20000'],
    [{ compile_timeout: 20_001 }, 'compile_timeout cannot exceed the configured limit of 20000'],
    [{ run_cpu_time: 20_001 }, 'run_cpu_time cannot exceed the configured limit of 20000'],
    [{ run_memory_limit: 512 * MIB + 1 }, `run_memory_limit cannot exceed the configured limit of ${512 * MIB}`],
    [{ run_timeout: -1 }, 'run_timeout must be non-negative'],
    [{ run_timeout: '1' }, 'If specified, run_timeout must be a number']
  ])('are refused as in Piston: %j', async (fields, message) => {
    expect(await piston.refusal({ language: 'python', version: '*', files: [{ content: '' }], ...fields })).toEqual([400, { message }])
  })
})

describe('a request that cannot be run', () => {
  const file = { content: 'print(1)' }
  it.each<[number, string, unknown]>([
    [400, 'language is required as a string', {}],
    [400, 'language is required as a string', []],
    [400, 'version is required as a string', { language: 'python', files: [file] }],
    [400, 'files is required as an array', { language: 'python', version: '*' }],
    [400, 'files[0].content is required as a string', { language: 'python', version: '*', files: [{}] }],
    [400, 'files must include at least one utf8 encoded file', { language: 'python', version: '*', files: [] }],
    [400, 'python-2.x runtime is unknown', { language: 'python', version: '2.x', files: [file] }],
    [400, 'html-5.0.0 runtime is unknown', { language: 'html', version: '5.0.0', files: [file] }]
  ])('is refused with %i: %s', async (status, message, body) => {
    expect(await piston.refusal(body)).toEqual([status, { message }])
  })

  it.each([
    [400, { language: 'python', version: '*', files: [{ name: '../escape.py', content: '' }] }],
    [400, { language: 'python', version: '*', files: [file], args: ['a\0b'] }],
    [413, { language: 'python', version: '*', files: [file], args: ['x'.repeat(100_000)] }],
    [400, '{"language":'],
    [400, ''],
    [413, `"${'x'.repeat(9 * MIB)}"`]
  ])('is refused with %i and nothing but a message', async (status, body) => {
    expect(await piston.refusal(body)).toEqual([status, { message: expect.stringMatching(/\S/) }])
  })

  it('has no packages to manage', async () => {
    const response = await piston.get('/packages')
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ message: expect.stringContaining('/api/v2/runtimes') })
  })

  it.each(['/execute', '/connect', '/nothing'])('is not found at GET %s', async (path) => {
    const response = await piston.get(path)
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ message: 'Not Found' })
  })
})
