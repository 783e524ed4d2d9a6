import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import { cargoBytes, planExecution, takeCargo } from '../../../src/runtime/runs/plan.ts'
import type { ExecuteBody } from '../../../src/runtime/runs/execute-schemas.ts'
import { readyRuntime } from '../../support/runtime-fixture.ts'

const { execution: limits, sandbox } = loadConfig({}, 2)
const plan = (body: Partial<ExecuteBody>, runtime = readyRuntime()) =>
  planExecution({ language: 'python', ...body }, runtime, limits, sandbox.diskBytes)

describe('execution plan', () => {
  it('turns code into the main file of its language', () => {
    const { cargo: { files }, run, compile } = plan({ code: 'print(1)', args: ['a', '-b'] })
    expect(files.map(({ path, content }) => [path, content.toString()])).toEqual([['main.py', 'print(1)']])
    expect(run).toEqual({ args: ['python3', 'main.py', 'a', '-b'], wallMs: 10_000 })
    expect(compile).toBeUndefined()
  })

  it('takes the first file as the main one, or the one that entry names', () => {
    const files = [{ path: 'a.py', content: '' }, { path: 'pkg/b.py', content: '' }]
    expect(plan({ files }).run.args).toEqual(['python3', 'a.py'])
    expect(plan({ files, entry: 'pkg/b.py' }).run.args).toEqual(['python3', 'pkg/b.py'])
    expect(plan({ code: 'x', files }).run.args).toEqual(['python3', 'main.py'])
  })

  it('never lets a file name be read as an option', () => {
    expect(plan({ files: [{ path: '-c', content: '' }] }).run.args).toEqual(['python3', './-c'])
  })

  it('fills the memory limit into the command', () => {
    const runtime = readyRuntime({ run: { command: ['node', '--max-old-space-size={memoryMb}', '{main}'] } })
    expect(plan({ code: '', memoryLimit: 64 * 1024 ** 2 }, runtime).run.args[1]).toBe('--max-old-space-size=64')
  })

  it('gives the compiler its own limit', () => {
    const runtime = readyRuntime({ compile: { command: ['cc', '{main}'] }, limits: { timeout: 1000, compileTimeout: 7000, memory: 2 ** 27, cpus: 1, pids: 64 } })
    expect(plan({ code: '' }, runtime).compile).toEqual({ args: ['cc', 'main.py'], wallMs: 7000 })
    expect(plan({ code: '', compileTimeout: 3000 }, runtime).compile?.wallMs).toBe(3000)
  })

  it('gives who types longer than who computes', () => {
    expect(plan({ code: '', interactive: true })).toMatchObject({ isInteractive: true, run: { wallMs: 5 * 60_000 } })
    expect(plan({ code: '', interactive: true, timeout: 90_000 }).run.wallMs).toBe(90_000)
  })

  it('lets the request add to the environment', () => {
    expect(plan({ code: '', env: { LANG: 'de', K: 'V' } }).env).toEqual({ PATH: '/usr/bin', LANG: 'de', K: 'V' })
  })

  it('decodes base64', () => {
    expect(plan({ files: [{ path: 'a', content: 'AP8=', encoding: 'base64' }] }).cargo.files[0]?.content).toEqual(Buffer.of(0, 255))
  })

  it.each<[string, Partial<ExecuteBody>, string, number]>([
    ['nothing to run', {}, 'BAD_REQUEST', 400],
    ['an interactive timeout above its ceiling', { code: '', interactive: true, timeout: 30 * 60_000 + 1 }, 'BAD_LIMIT', 400],
    ['a version that is not installed', { code: '', version: '2.x' }, 'UNKNOWN_VERSION', 400],
    ['a version that is no range', { code: '', version: 'new!' }, 'UNKNOWN_VERSION', 400],
    ['a timeout above the ceiling', { code: '', timeout: 60_001 }, 'BAD_LIMIT', 400],
    ['memory above the ceiling', { code: '', memoryLimit: 2 ** 31 }, 'BAD_LIMIT', 400],
    ['memory that holds no interpreter', { code: '', memoryLimit: 1024 }, 'BAD_LIMIT', 400],
    ['output above the ceiling', { code: '', outputLimit: 2 ** 30 }, 'BAD_LIMIT', 400],
    ['an absolute path', { files: [{ path: '/etc/passwd', content: '' }] }, 'BAD_PATH', 400],
    ['a path that leaves', { files: [{ path: 'a/../../b', content: '' }] }, 'BAD_PATH', 400],
    ['a dot', { files: [{ path: './a', content: '' }] }, 'BAD_PATH', 400],
    ['an empty name', { files: [{ path: 'a//b', content: '' }] }, 'BAD_PATH', 400],
    ['a NUL', { files: [{ path: 'a\0b', content: '' }] }, 'BAD_PATH', 400],
    ['a name that no file system takes', { files: [{ path: 'x'.repeat(256), content: '' }] }, 'BAD_PATH', 400],
    ['a path that is no text', { files: [{ path: '\ud800', content: '' }] }, 'BAD_PATH', 400],
    ['the same path twice', { code: '', files: [{ path: 'main.py', content: '' }] }, 'BAD_PATH', 400],
    ['a file where a directory must be', { files: [{ path: 'a/b', content: '' }, { path: 'a', content: '' }] }, 'BAD_PATH', 400],
    ['a directory where a file is to be', { files: [{ path: 'a', content: '' }, { path: 'a/b/c', content: '' }] }, 'BAD_PATH', 400],
    ['a file twice beneath a directory', { files: [{ path: 'a/b', content: '' }, { path: 'a/c', content: '' }, { path: 'a/b', content: '' }] }, 'BAD_PATH', 400],
    ['a path of more than a hundred names', { files: [{ path: `${'a/'.repeat(100)}b`, content: '' }] }, 'BAD_PATH', 400],
    ['a glob that stands for too many', { code: '', artifacts: ['{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}'] }, 'BAD_REQUEST', 400],
    ['an entry that is not there', { code: '', entry: 'other.py' }, 'BAD_REQUEST', 400],
    ['broken base64', { files: [{ path: 'a', content: '!!!!', encoding: 'base64' }] }, 'BAD_REQUEST', 400],
    ['base64 without its padding', { files: [{ path: 'a', content: 'AA', encoding: 'base64' }] }, 'BAD_REQUEST', 400],
    ['a lone surrogate', { code: '\ud800' }, 'BAD_REQUEST', 400],
    ['10,000 files', { files: Array.from({ length: 10_000 }, (_, i) => ({ path: `f${i}`, content: '' })) }, 'BAD_REQUEST', 400],
    ['more than the sandbox holds', { code: 'x'.repeat(sandbox.diskBytes + 1) }, 'TOO_LARGE', 413],
    ['an argument with a NUL', { code: '', args: ['\0'] }, 'BAD_REQUEST', 400],
    ['more arguments than fit', { code: '', args: ['x'.repeat(64 * 1024)] }, 'TOO_LARGE', 413],
    ['an environment name with "="', { code: '', env: { 'A=B': '' } }, 'BAD_REQUEST', 400],
    ['an environment value with a NUL', { code: '', env: { A: '\0' } }, 'BAD_REQUEST', 400]
  ])('refuses %s', (_name, body, code, statusCode) => {
    expect(() => plan(body)).toThrow(expect.objectContaining({ code, statusCode }))
  })

  it('gives its cargo out once, and weighs what it still has', () => {
    const planned = plan({ code: 'print(1)', input: 'abc' })
    expect(cargoBytes(planned)).toBe('main.py'.length + 8 + 3)
    expect(takeCargo(planned).files.map(({ path }) => path)).toEqual(['main.py'])
    expect(cargoBytes(planned)).toBe(0)
  })

  it.each(['3', '3.x', '3.13.5', '*', '>=3.10'])('takes the version %s', (version) => {
    expect(plan({ code: '', version }).runtime.version).toBe('3.13.5')
  })
})
