import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { findFiles } from '../../../src/sandbox/agent-client/find.ts'
import { copyPath, measureUsage, movePath, removePath } from '../../../src/sandbox/agent-client/trees.ts'
import { describeAgent } from '../../support/agent-suite.ts'

// Swaps `d` for a link to the directory outside and back, and now and then moves a directory away that is being worked on.
const SWAP = `
import os, shutil, sys
outside = sys.argv[1]
def attempt(work, *arguments):
    try: work(*arguments)
    except OSError: pass
while True:
    for name in 'd', 'elsewhere':
        if os.path.isdir(name) and not os.path.islink(name): shutil.rmtree(name, ignore_errors=True)
    attempt(os.makedirs, 'real/sub/deep')
    for name in 'real/file', 'real/sub/file', 'real/sub/deep/file':
        attempt(lambda: open(name, 'x').close())
    attempt(os.rename, 'real', 'd')
    attempt(os.rename, 'd/sub', 'elsewhere')
    attempt(os.symlink, outside, 'd/sub')
    attempt(os.unlink, 'd/sub')
    attempt(os.rename, 'elsewhere', 'd/sub')
    attempt(os.rename, 'd', 'real')
    attempt(os.symlink, outside, 'd')
    attempt(os.unlink, 'd')
`

describeAgent('trees that a guest moves about', ({ build, connect, root }) => {
  const rounds = build === 'agent' ? 2000 : 300
  const enough = 10
  let outside = ''
  let swap: ChildProcess | undefined

  beforeEach(async () => {
    outside = await mkdtemp(join(tmpdir(), 'berth-outside-'))
    await mkdir(join(outside, 'sub/deep'), { recursive: true })
    for (const name of ['file', 'sub/file', 'sub/deep/file']) await writeFile(join(outside, name), 'secret')
    await mkdir(join(root(), 'given/sub'), { recursive: true })
    await writeFile(join(root(), 'given/sub/file'), 'given')
    swap = spawn('python3', ['-c', SWAP, outside], { cwd: root(), stdio: 'ignore' })
  })

  afterEach(async () => {
    swap?.kill('SIGKILL')
    await rm(outside, { recursive: true })
  })

  /** Many at a time, until there were many and some of them have done something. */
  async function repeat (work: (round: number) => Promise<unknown>): Promise<void> {
    let successes = 0
    const expected = (error: Error) => {
      expect(error.name).toBe('AgentOperationError')
    }
    for (let round = 0; round < rounds || successes < enough; round += 16) {
      await Promise.all(Array.from({ length: 16 }, async (_, index) => work(round + index).then(() => { successes++ }, expected)))
    }
  }

  const untouched = async () => {
    expect((await readdir(outside, { recursive: true })).sort()).toEqual(['file', 'sub', 'sub/deep', 'sub/deep/file', 'sub/file'])
    for (const name of ['file', 'sub/file', 'sub/deep/file']) expect(await readFile(join(outside, name), 'utf8')).toBe('secret')
  }

  const secretsInside = async (connection: AgentConnection) => (await findFiles(connection, { text: 'secret' }, { onMatches () {} })).matches

  test('removes nothing outside', async () => {
    const { connection } = await connect()
    const work = ['d', 'd/sub', 'd/sub/deep', 'd/file', 'd/sub/file']
    await repeat((round) => removePath(connection, work[round % work.length]!, { recursive: true }))
    await untouched()
  })

  test('moves nothing out or in', async () => {
    const { connection } = await connect()
    const moves = [['d/file', 'taken'], ['d/sub', 'taken-sub'], ['taken', 'd/put'], ['taken-sub', 'd/sub/put'], ['d/sub/deep', 'd/deep']] as const
    await repeat((round) => {
      const [from, to] = moves[round % moves.length]!
      return movePath(connection, from, to, { overwrite: true })
    })
    await untouched()
    expect(await secretsInside(connection)).toBe(0)
  })

  test('copies nothing out or in', async () => {
    const { connection } = await connect()
    const copies = [['d', 'copy'], ['d/sub', 'copy-sub'], ['d/file', 'copy-file'], ['given', 'd/given'], ['given', 'd/sub/given']] as const
    await repeat((round) => {
      const [from, to] = copies[round % copies.length]!
      return copyPath(connection, from, to, { overwrite: true })
    })
    await untouched()
    expect(await secretsInside(connection)).toBe(0)
    swap?.kill('SIGKILL')
    expect((await readdir(root())).filter((name) => name.startsWith('.berth-'))).toEqual([])
  })

  test('finds and counts nothing outside', async () => {
    await writeFile(join(outside, 'large'), Buffer.alloc(10_000_000, 1))
    const { connection } = await connect()
    let largest = 0
    await repeat(async (round) => {
      if (round % 2 === 0) expect(await secretsInside(connection)).toBe(0)
      else largest = Math.max(largest, (await measureUsage(connection)).bytes)
    })
    expect(largest).toBeGreaterThan(0)
    expect(largest).toBeLessThan(5_000_000)
  })
})
