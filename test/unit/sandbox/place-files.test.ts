import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openRun } from '../../../src/sandbox/agent-client/operations.ts'
import { placeFiles } from '../../../src/sandbox/agent-client/place-files.ts'
import { writeFile } from '../../../src/sandbox/agent-client/write-file.ts'
import { ErrorCode, FrameType, INITIAL_CREDIT } from '../../../src/sandbox/agent-protocol.ts'
import { buildAgent } from '../../support/agent-binary.ts'
import { startConnectedAgent } from '../../support/connected-agent.ts'
import { createScriptedAgent } from '../../support/scripted-agent.ts'

const file = (path: string, bytes: number) => ({ path, content: Buffer.alloc(bytes, 'x') })

async function withAgent (work: (agent: Awaited<ReturnType<typeof startConnectedAgent>>, root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'berth-place-'))
  const agent = await startConnectedAgent({ binary: await buildAgent('agent'), root, cgroup: '/nonexistent' })
  try {
    await work(agent, root)
  } finally {
    agent.endInput()
    await agent.exited
    await rm(root, { recursive: true, force: true })
  }
}

describe('placing files', () => {
  it.each([
    ['few small ones', [file('a', 10), file('d/b', 1000)], true],
    ['one that just fits the credit', [file('a', INITIAL_CREDIT)], true],
    ['none', [], true],
    ['one beyond the credit', [file('a', INITIAL_CREDIT + 1)], false],
    ['many that are large together', Array.from({ length: 8 }, (_, i) => file(`f${i}`, 200_000)), false],
    ['as many as the agent has channels', Array.from({ length: 16 }, (_, i) => file(`f${i}`, 1)), false]
  ])('says whether a program may be asked for at once: %s', async (_name, files, isSent) => {
    const agent = await createScriptedAgent().connect()
    expect(placeFiles(agent, files).isSent).toBe(isSent)
  })

  it('leaves in one packet with the program where it says so', async () => {
    const scripted = createScriptedAgent()
    const agent = await scripted.connect()
    const before = scripted.writes()
    placeFiles(agent, [file('a', 10), file('b', 20)])
    openRun(agent, { args: ['true'] }, { onOutput: () => undefined })
    await new Promise(setImmediate)
    expect(scripted.writes() - before).toBe(1)
    expect(scripted.received().slice(1).map(({ type, channel }) => [type, channel])).toEqual([
      [FrameType.OPEN, 1], [FrameType.DATA, 1], [FrameType.END, 1],
      [FrameType.OPEN, 2], [FrameType.DATA, 2], [FrameType.END, 2],
      [FrameType.OPEN, 3]
    ])
  })

  it.each([
    ['large ones', Array.from({ length: 3 }, (_, i) => file(`large${i}`, 3_000_000 + i))],
    ['more than the agent has channels', Array.from({ length: 500 }, (_, i) => file(`d${i % 7}/f${i}`, i))],
    ['both', [...Array.from({ length: 100 }, (_, i) => file(`f${i}`, 10)), file('large', 2_000_000)]]
  ])('has them in place when it resolves: %s', async (_name, files) => {
    await withAgent(async ({ connection }, root) => {
      const { placed, isSent } = placeFiles(connection, files)
      expect(isSent).toBe(false)
      await placed
      for (const { path, content } of files) expect((await readFile(join(root, path))).length).toBe(content.length)
    })
  })

  it('shows a program all that was sent with it, every time', async () => {
    await withAgent(async ({ connection }, root) => {
      for (let round = 0; round < 20; round++) {
        const files = Array.from({ length: 60 }, (_, i) => file(`r${round}/f${i}`, 15_000))
        const { placed, isSent } = placeFiles(connection, files)
        expect(isSent).toBe(true)
        let listed = ''
        const run = openRun(connection, { args: ['/bin/ls', join(root, `r${round}`)] }, { onOutput: (_stream, bytes) => { listed += bytes.toString() } })
        await Promise.all([placed, run.result])
        expect(listed.trim().split('\n')).toHaveLength(60)
      }
    })
  })

  it('rejects with the first refusal, and begins no more', async () => {
    await withAgent(async ({ connection }, root) => {
      await writeFile(connection, 'a', Buffer.from(''))
      const { placed } = placeFiles(connection, [file('a/b', INITIAL_CREDIT + 1), ...Array.from({ length: 100 }, (_, i) => file(`f${i}`, 100_000))])
      await expect(placed).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
      expect((await readdir(root)).length).toBeLessThan(100)
    })
  })
})
