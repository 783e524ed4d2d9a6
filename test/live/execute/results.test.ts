import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { patience } from '../../support/patience.ts'
import { startBerth, type Berth } from '../support/berth.ts'

let berth: Berth
beforeAll(async () => { berth = await startBerth() })
afterAll(async () => await berth.stop())

const python = async (code: string, more: Record<string, unknown> = {}) => await berth.execute({ language: 'python', code, ...more })

describe('what a program did', () => {
  it('comes back with exactly the fields of the contract', async () => {
    const result = await python('print(input())', { input: 'hello\n' })
    expect(result).toEqual({
      sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      language: 'python',
      version: expect.stringMatching(/^3\.13\.\d+$/),
      status: 'completed',
      exitCode: 0,
      signal: null,
      output: 'hello\n',
      error: '',
      executionTime: expect.any(Number),
      cpuTime: expect.any(Number),
      memory: expect.any(Number),
      truncated: { output: false, error: false },
      errorKind: null,
      warnings: []
    })
    expect(result.executionTime).toBeGreaterThan(1)
    expect(result.cpuTime).toBeGreaterThan(1)
    expect(result.memory).toBeGreaterThan(2 ** 20)
  })

  it('includes input, arguments, environment and several files', async () => {
    const result = await berth.execute({
      language: 'py',
      version: '3.x',
      files: [
        { path: 'pkg/__init__.py', content: '' },
        { path: 'pkg/util.py', content: 'def shout(text): return text.upper()' },
        { path: 'start.py', content: 'import os, sys; from pkg.util import shout; print(shout(sys.stdin.read()), sys.argv[1:], os.environ["K"], open("data.bin", "rb").read())' },
        { path: 'data.bin', content: Buffer.of(0, 255, 10).toString('base64'), encoding: 'base64' }
      ],
      entry: 'start.py',
      input: 'grüße',
      args: ['a b', '-c', '$HOME'],
      env: { K: 'V' }
    })
    expect(result.error).toBe('')
    expect(result.output).toBe("GRÜSSE ['a b', '-c', '$HOME'] V b'\\x00\\xff\\n'\n")
  })

  it.each([['python', 'print(6*7)'], ['node', 'console.log(6*7)'], ['js', 'console.log(6*7)'], ['bun', 'console.log(6*7)']])('is run in %s', async (language, code) => {
    expect(await berth.execute({ language, code })).toMatchObject({ status: 'completed', output: '42\n', error: '' })
  })

  it('has its exit code', async () => {
    expect(await python('import sys; print("x"); sys.exit(3)')).toMatchObject({ status: 'runtime_error', exitCode: 3, signal: null, output: 'x\n', errorKind: 'runtime' })
  })

  it('has the name of its signal', async () => {
    expect(await python('import os, signal; os.kill(os.getpid(), signal.SIGSEGV)')).toMatchObject({ status: 'runtime_error', exitCode: null, signal: 'SIGSEGV' })
  })

  it('keeps what was printed before a timeout, and kills the whole tree', async () => {
    const result = await python(`
import subprocess, sys
child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
print("partial", flush=True)
print("err", file=sys.stderr)
while True: pass`, { timeout: 700 * patience })
    expect(result).toMatchObject({ status: 'timeout', signal: 'SIGKILL', exitCode: null, output: 'partial\n', error: 'err\n' })
    expect(result.executionTime).toBeGreaterThanOrEqual(700 * patience)
    expect(result.executionTime).toBeLessThan(3000 * patience)
    expect((await python('import os; print([p for p in os.listdir("/proc") if p.isdigit()])')).output).toMatch(/^\['1', '\d+'\]\n$/)
  })

  it('keeps what was printed before the memory limit was hit', async () => {
    const result = await python('print("partial")\nx = []\nwhile True: x.append(bytearray(2**20))', { memoryLimit: 64 * 2 ** 20 })
    expect(result).toMatchObject({ status: 'memory_limit', signal: 'SIGKILL', output: 'partial\n' })
    expect(result.memory).toBeGreaterThan(30 * 2 ** 20)
  })

  it.each(['javascript', 'bun'])('says memory_limit for a %s program that wants more than it may have', async (language) => {
    const result = await berth.execute({ language, code: 'console.log("partial"); const x = []; for (;;) x.push(new Array(1e5).fill(Math.random()))', timeout: 30_000 })
    expect(result).toMatchObject({ status: 'memory_limit', output: 'partial\n' })
  })

  it('ends a program that fills the file systems with what memory it has', async () => {
    const result = await python('print("partial")\nfor d in ("/workspace/a", "/tmp/a", "/dev/shm/a"):\n  try: open(d, "wb").write(b"x" * 2**26)\n  except OSError as e: print(e)\nx = bytearray(2**26)', { memoryLimit: 96 * 2 ** 20 })
    expect(result.status).toBe('memory_limit')
    expect(result.output).toMatch(/^partial\n/)
  })

  it('ends a flood of output at the limit and keeps what came before', async () => {
    const result = await python('while True: print("x" * 99)', { outputLimit: 10_000 })
    expect(result).toMatchObject({ status: 'output_limit', truncated: { output: true, error: false } })
    expect(result.output).toBe(`${'x'.repeat(99)}\n`.repeat(100))
  })

  it('takes output up to the limit to the byte', async () => {
    const result = await python('import sys; sys.stdout.write("x" * 10000); sys.stderr.write("e" * 10000)', { outputLimit: 10_000 })
    expect(result).toMatchObject({ status: 'completed', truncated: { output: false, error: false } })
    expect([result.output.length, result.error.length]).toEqual([10_000, 10_000])
  })

  it.each<[string, string, 'syntax' | 'runtime']>([
    ['python', 'def f(:\n  pass', 'syntax'],
    ['python', '  x = 1', 'syntax'],
    ['python', 'raise ValueError("SyntaxError: no")', 'runtime'],
    ['javascript', 'const x = ;', 'syntax'],
    ['javascript', 'throw new Error("SyntaxError: no")', 'runtime'],
    ['bun', 'const x = ;', 'syntax'],
    ['bun', 'throw new Error("no")', 'runtime']
  ])('tells %s %j to be a %s error', async (language, code, errorKind) => {
    expect(await berth.execute({ language, code })).toMatchObject({ status: 'runtime_error', errorKind })
  })

  it('is the exact bytes that it wrote', async () => {
    const code = 'import sys; sys.stdout.buffer.write(bytes(range(256)))'
    expect((await python(code, { encoding: 'base64' })).output).toBe(Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('base64'))
    expect((await python(code)).output).toContain('\ufffd')
    expect((await python('print("ä" * 100000, end="")')).output).toBe('ä'.repeat(100_000))
  })

  it('reads megabytes of input, or none of it', async () => {
    const input = 'x'.repeat(3_000_000)
    expect((await python('import sys; print(len(sys.stdin.read()))', { input })).output).toBe('3000000\n')
    expect(await python('print("done")', { input })).toMatchObject({ status: 'completed', output: 'done\n' })
  })

  it('does not wait for what it left running', async () => {
    const result = await python('import subprocess; subprocess.Popen(["sleep", "1000"]); print("parent done")')
    expect(result).toMatchObject({ status: 'completed', output: 'parent done\n' })
    expect(result.executionTime).toBeLessThan(5000 * patience)
  })

  it('draws a plot, and sends it back as an artifact', async () => {
    const result = await python('import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.savefig("plot.png")\nimport os; os.makedirs("sub"); open("sub/data.csv", "w").write("a,b")', { artifacts: ['*.png', 'sub/**'], timeout: 30_000 })
    expect(result).toMatchObject({ status: 'completed', error: '', warnings: [] })
    expect(result.artifacts?.map(({ path, mediaType }) => [path, mediaType])).toEqual([['plot.png', 'image/png'], ['sub/data.csv', 'text/csv']])
    const [plot, csv] = (result.artifacts ?? []).map(({ content }) => Buffer.from(content, 'base64'))
    expect(plot?.subarray(0, 8)).toEqual(Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a))
    expect(plot?.length).toBe(result.artifacts?.[0]?.size)
    expect(csv?.toString()).toBe('a,b')
  })

  it('sends no artifact but regular files of its own', async () => {
    const result = await python('import os; os.symlink("/etc/passwd", "link.txt"); os.mkfifo("fifo.txt"); open("real.txt", "w").write("x")', { artifacts: ['*.txt'] })
    expect(result.artifacts?.map(({ path }) => path)).toEqual(['real.txt'])
  })

  it('says which artifacts did not fit', async () => {
    const result = await python('open("big.bin", "wb").write(bytes(9 * 2**20)); open("small.bin", "w").write("x")', { artifacts: ['*.bin'] })
    expect(result.artifacts?.map(({ path }) => path)).toEqual(['small.bin'])
    expect(result.warnings).toEqual([expect.stringContaining('big.bin')])
  })
})
