import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBerth, type Berth } from '../support/berth.ts'
import { watchHealth } from '../support/health-watch.ts'

const MOST_MS = 250
const BODY_BYTES = 8 * 1024 ** 2 - 1024

let berth: Berth
let health: Awaited<ReturnType<typeof watchHealth>>
beforeAll(async () => {
  berth = await startBerth({ EXEC_CONCURRENCY: '4', EXEC_TIMEOUT_MAX: '30s' })
  health = await watchHealth(berth.origin)
})
afterAll(async () => {
  await health.stop()
  await berth.stop()
})

/** How much longer than its CPU time work takes here now: 1 on a machine that has nothing else to do. */
function contention (): number {
  const [begun, before] = [performance.now(), process.cpuUsage()]
  let used = 0
  while (used < 50_000) used = process.cpuUsage(before).user + process.cpuUsage(before).system
  return Math.max(1, (performance.now() - begun) * 1000 / used)
}

const python = (code: string, more: object = {}) => ({ language: 'python', code, ...more })
const deep = (depth: number, i: number) => `${'a/'.repeat(depth)}${String(i).padStart(6, '0')}`
const wide = (i: number) => `${Array.from({ length: 15 }, () => 'b'.repeat(250)).join('/')}/${i}`
const filesAt = (path: (i: number) => string, count: number) => Array.from({ length: count }, (_, i) => ({ path: path(i), content: '' }))
const pistonFiles = (path: (i: number) => string, count: number) => [{ content: '' }, ...Array.from({ length: count }, (_, i) => ({ name: path(i), content: '' }))]
const longNames = 'for i in range(300): open("a" * 240 + str(i), "w").close()'
const print = (expression: string, times: number) => `import sys\nfor _ in range(${times}): sys.stdout.buffer.write(${expression})`

describe('the worst that one user can send does not hold up the others', () => {
  it.each<[string, string, unknown, number]>([
    ['globs of many stars against long names', '/api/execute', python(longNames, { artifacts: Array.from({ length: 32 }, (_, i) => `${'*a'.repeat(10 + i)}b`) }), 200],
    ['globs with long tails against long names', '/api/execute', python(longNames, { artifacts: Array.from({ length: 32 }, (_, i) => `*${'a'.repeat(100 + i)}b`) }), 200],
    ['globs of any depth', '/api/execute', python('import os\nfor i in range(500): os.makedirs(f"d{i}/" + "/".join("a" * 30)); open(f"d{i}/a/a/a", "a") if 0 else open(f"d{i}/" + "/".join("a" * 30) + "/x", "w").close()', { artifacts: Array.from({ length: 32 }, () => `${'**/a/'.repeat(40)}b`) }), 200],
    ['paths that are too deep', '/api/execute', python('1', { files: filesAt((i) => deep(2_000, i), 999) }), 400],
    ['paths as deep as they may be', '/api/execute', python('1', { files: filesAt((i) => deep(99, i), 990) }), 200],
    ['paths as long as they may be', '/api/execute', python('1', { files: filesAt(wide, 990) }), 200],
    ['deep paths over Piston', '/api/v2/execute', { language: 'python', version: '*', files: pistonFiles((i) => deep(2_000, i), 999) }, 400],
    ['long paths over Piston', '/api/v2/execute', { language: 'python', version: '*', files: pistonFiles(wide, 990) }, 200],
    ['deep paths of a project', '/projects', { name: 'deep', runtime: 'python', files: filesAt((i) => deep(2_000, i), 999) }, 400],
    ['a range of versions', '/api/execute', python('1', { version: `${'9 || '.repeat(12)}9` }), 400],
    ['a version with many spaces', '/api/execute', python('1', { version: `>${' '.repeat(60)}9` }), 400],
    ['a long selector over Piston', '/api/v2/execute', { language: 'python', version: '1.'.repeat(2_000_000), files: [{ content: '' }] }, 400],
    ['spaces against the patterns of the policy', '/api/execute', python(`1${' '.repeat(600_000)}x`), 200],
    ['imports against the patterns of the policy', '/api/execute', python('if 0: import os, '.repeat(30_000)), 200],
    ['a body of brackets', '/api/execute', '['.repeat(BODY_BYTES), 400],
    ['a body of nested arrays', '/api/execute', `${'['.repeat(BODY_BYTES / 2 - 100)}${']'.repeat(BODY_BYTES / 2 - 100)}`, 400],
    ['a body of nested objects', '/api/v2/execute', `${'{"a":'.repeat(1_200_000)}1${'}'.repeat(1_200_000)}`, 400],
    ['many wrong fields', '/api/execute', `{${Array.from({ length: 500_000 }, (_, i) => `"f${i}":1`).join()}}`, 400],
    ['many environment variables', '/api/execute', python('1', { env: Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [`V${i}`, '1'])) }), 400],
    ['as much base64 as fits', '/api/execute', python('1', { files: [{ path: 'x', content: 'A'.repeat(4 * 1024 ** 2 + 2_000_000 - 2_000_000 % 4), encoding: 'base64' }] }), 200],
    ['output without line breaks', '/api/execute', python(print('b"x" * 65536', 256), { outputLimit: 16 * 1024 ** 2 }), 200],
    ['output that is long as JSON', '/api/execute', python(print('b"\\1" * 65536', 256), { outputLimit: 16 * 1024 ** 2 }), 200],
    ['output that is no text', '/api/execute', python(print('b"\\xff" * 65536', 256), { outputLimit: 16 * 1024 ** 2 }), 200],
    ['errors against the pattern of syntax errors', '/api/execute', python('import sys\nsys.stderr.write("SyntaxError" * 50000)\nsys.exit(1)'), 200]
  ])('%s', async (_name, route, body, status) => {
    const text = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    const before = contention()
    await health.worstMs()
    const response = await fetch(berth.origin + route, { method: 'POST', headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json' }, body: text })
    // Not collected: the client is in the server's process.
    await response.body!.pipeTo(new WritableStream())
    const worst = await health.worstMs()
    expect(response.status).toBe(status)
    // What others take of the machine is no fault of ours.
    expect(worst).toBeLessThan(MOST_MS * Math.max(before, contention()))
  })
})
