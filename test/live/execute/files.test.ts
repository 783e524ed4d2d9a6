import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBerth, type Berth } from '../support/berth.ts'

let berth: Berth
beforeAll(async () => {
  berth = await startBerth({ RUNTIMES: 'csharp,python,bash,c,go', EXEC_CONCURRENCY: '4', SANDBOX_DISK: '12m' }, { settings: { execution: { bodyLimitBytes: 24 * 2 ** 20 } } })
})
afterAll(async () => await berth.stop())

const base64 = (bytes: number) => Buffer.alloc(bytes, 'x').toString('base64')
const data = (path: string, bytes: number) => ({ path, content: base64(bytes), encoding: 'base64' as const })

const piston = async (body: unknown): Promise<{ compile?: { code: number }, run: { stdout: string, stderr: string, code: number } }> => {
  const response = await fetch(`${berth.origin}/api/v2/execute`, {
    method: 'POST', headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json' }, body: JSON.stringify(body)
  })
  expect(response.status).toBe(200)
  return await response.json() as Awaited<ReturnType<typeof piston>>
}

describe('files of a run', () => {
  it.each([262_144, 262_145, 1_000_000, 5_000_000])('are there when the program starts: one of %i bytes', async (bytes) => {
    for (let round = 0; round < 5; round++) {
      const { output, error } = await berth.execute({ language: 'bash', files: [{ path: 'main.sh', content: 'wc -c < data.bin' }, data('data.bin', bytes)] })
      expect([output.trim(), error]).toEqual([String(bytes), ''])
    }
  })

  it.each([[62, 5_000], [64, 1], [200, 20_000], [999, 10]])('are there when the program starts: %i of %i bytes', async (count, bytes) => {
    const files = Array.from({ length: count }, (_, i) => data(`d${i % 5}/f${i}`, bytes))
    const { output, error } = await berth.execute({ language: 'bash', files: [{ path: 'main.sh', content: 'cat d*/f* | wc -c' }, ...files] })
    expect([output.trim(), error]).toEqual([String(count * bytes), ''])
  })

  it('are there when the compiler starts, and when what it has made does', async () => {
    const header = `#define LENGTH 3\n//${'x'.repeat(700_000)}\n`
    const main = '#include <stdio.h>\n#include "big.h"\nint main() { FILE *f = fopen("data.bin", "rb"); fseek(f, 0, SEEK_END); printf("%d %ld", LENGTH, ftell(f)); }'
    const { compile, output } = await berth.execute({ language: 'c', files: [{ path: 'main.c', content: main }, { path: 'big.h', content: header }, data('data.bin', 2_000_000)] })
    expect([compile?.status, output]).toEqual(['completed', '3 2000000'])
  })

  it('are there over Piston', async () => {
    const files = [{ name: 'main.sh', content: 'cat *.bin | wc -c' }, ...Array.from({ length: 70 }, (_, i) => ({ name: `${i}.bin`, content: base64(30_000), encoding: 'base64' }))]
    expect((await piston({ language: 'bash', version: '*', files })).run.stdout.trim()).toBe(String(70 * 30_000))
  })

  it('are there in an interactive session, before the first question', async () => {
    const response = await berth.post({ language: 'bash', interactive: true, files: [{ path: 'main.sh', content: 'wc -c < data.bin; read -r line; echo "$line"' }, data('data.bin', 3_000_000)] })
    const { sessionId } = await response.json() as { sessionId: string }
    const send = async (message: object) => await fetch(`${berth.origin}/api/sessions/${sessionId}/messages`, {
      method: 'POST', headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json' }, body: JSON.stringify(message)
    })
    expect((await send({ type: 'input', data: 'answer\n' })).status).toBe(204)
    const events = await (await berth.get(`/api/execute/${sessionId}`)).text()
    expect(events).toContain('3000000')
    expect(events).toContain('answer')
  })

  it('that do not fit into the sandbox are refused', async () => {
    const response = await berth.post({ language: 'bash', files: [{ path: 'main.sh', content: 'echo ran' }, ...Array.from({ length: 9 }, (_, i) => data(`f${i}`, 1_700_000))] })
    expect(response.status).toBe(413)
  })
})

describe('a program that cannot be started', () => {
  it.each<[string, Record<string, unknown>, string, number, RegExp]>([
    ['a package without main', { language: 'go', code: 'package mypkg\nfunc F() int { return 1 }' }, 'runtime_error', 126, /compiler has made no program/],
    ['a PATH that leads nowhere', { language: 'python', code: 'print(1)', env: { PATH: '/nope' } }, 'runtime_error', 127, /could not be started \(python3: No such file.*PATH/],
    ['a PATH that leads nowhere, to a compiler', { language: 'csharp', code: 'class P {}', env: { PATH: '/nope' } }, 'compile_error', 127, /could not be started \(mcs: No such file.*PATH/]
  ])('is an error of its own: %s', async (_name, body, status, exitCode, message) => {
    const result = await berth.execute(body)
    expect(result.status).toBe(status)
    expect(result.compile?.status === 'compile_error' ? result.compile.error : result.error).toMatch(message)
    expect(result.exitCode).toBe(exitCode)
  })

  it('is one over Piston and in sessions as well', async () => {
    const { compile, run } = await piston({ language: 'go', version: '*', files: [{ content: 'package x' }] })
    expect([compile?.code, run.code]).toEqual([0, 126])
    expect(run.stderr).toMatch(/compiler has made no program/)
    const response = await berth.post({ language: 'python', code: '', interactive: true, env: { PATH: '/nope' } })
    const { sessionId } = await response.json() as { sessionId: string }
    const events = await (await berth.get(`/api/execute/${sessionId}`)).text()
    expect(events).toMatch(/could not be started/)
    expect(events).toMatch(/"status":"runtime_error"/)
  })

  it('leaves a sandbox that is good for the next', async () => {
    await berth.execute({ language: 'python', code: '', env: { PATH: '/nope' } })
    expect((await berth.execute({ language: 'python', code: 'print(2)' })).output).toBe('2\n')
  })
})

describe('artifacts', () => {
  it('are matched by their whole path, and in bounded time', async () => {
    const code = 'import os\nos.mkdir("d")\nfor n in ["a.png", "d/b.png", "c.txt", "a" * 250]: open(n, "w").close()'
    const paths = async (artifacts: string[]) => (await berth.execute({ language: 'python', code, artifacts })).artifacts?.map(({ path }) => path)
    expect(await paths(['*.png'])).toEqual(['a.png'])
    expect(await paths(['**/*.png', '*.{txt,md}'])).toEqual(['a.png', 'c.txt', 'd/b.png'])
    expect(await paths(['*a'.repeat(100) + 'b'])).toEqual([])
  })

  it('that were not looked for are told of, with the reason', async () => {
    const code = `import os
deep = "/".join(["d"] * 45)
os.makedirs(deep)
os.mkdir("locked")
for name in ["top.txt", deep + "/deep.txt", "locked/in.txt"]: open(name, "w").close()
os.chmod("locked", 0)`
    const { artifacts, warnings } = await berth.execute({ language: 'python', code, artifacts: ['**/*.txt'] })
    expect(artifacts?.map(({ path }) => path)).toEqual(['top.txt'])
    expect(warnings).toEqual(['Directories that could not be read were not looked at for artifacts: 1', 'What lies deeper than 40 directories was not looked at for artifacts'])
  })
})
