import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { connectAgent } from '../../src/sandbox/agent-client/connection.ts'
import { listProcesses } from '../../src/sandbox/agent-client/processes.ts'
import {
  encodeAttach, encodeControl, encodeCredit, encodeFollow, encodeFrame, encodeKill, encodeProcesses, encodeServerHello, encodeSignal, encodeStart, FrameType
} from '../../src/sandbox/agent-protocol.ts'
import { buildAgent } from '../support/agent-binary.ts'
import { waitFor } from '../support/wait-for.ts'
import { damage } from './grammar.ts'
import { createRandom, type Random } from './random.ts'

const seconds = Number(process.env.FUZZ_SECONDS ?? 60) / 3
const seed = Number(process.env.FUZZ_SEED ?? 1)
const AT_ONCE = 6
const MOST_FRAMES = 40
const IDS = ['a', 'b', 'c', 'd', 'e', 'f']
const COMMANDS = ['cat', 'echo x; echo y >&2', 'exit 3', 'yes', 'sleep 0.05 & exit 0', 'seq 50000', 'trap "" TERM HUP; sleep 0.2', 'setsid sleep 0.1 &', 'kill $$', 'exec 0<&- 1>&- 2>&-; sleep 0.1']

const operations: ReadonlyArray<(random: Random) => Buffer> = [
  (random) => encodeStart({
    id: random.pick(IDS), label: 'x'.repeat(random.below(5000)), args: random.chance(0.9) ? ['/bin/sh', '-c', random.pick(COMMANDS)] : ['no-such-program'],
    env: { BERTH_PROCESS: random.pick(IDS) }, cwd: random.pick(['', '..', 'nosuch']), restart: random.pick(['never', 'on-failure', 'always']), ...(random.chance(0.3) ? { patienceMs: random.pick([0, 100]) } : {}),
    ...random.chance(0.5) && { size: { cols: random.below(65_536), rows: random.below(65_536) } }
  }),
  (random) => encodeAttach({
    id: random.pick(IDS), ...random.chance(0.5) && { from: random.below(1_000_000) },
    holds: random.chance(0.5), untilNow: random.chance(0.2), closesInput: random.chance(0.3), withoutOutput: random.chance(0.2)
  }),
  (random) => encodeControl({
    id: random.pick(IDS), restart: random.chance(0.1), forget: random.chance(0.3), ...random.chance(0.3) && { signal: 1 + random.below(64) },
    ...random.chance(0.3) && { size: { cols: random.below(1000), rows: random.below(1000) } }, ...random.chance(0.4) && { stopMs: random.below(100) }
  }),
  (random) => encodeKill({ pid: random.below(60), startTicks: random.below(1000), signal: 1 + random.below(15) }),
  () => encodeProcesses(),
  (random) => encodeFollow(random.below(100))
]

function composeFrame (random: Random): Buffer {
  const channel = 1 + random.below(6)
  const kind = random.below(20)
  if (kind < 11) return encodeFrame({ type: FrameType.OPEN, channel, payload: random.pick(operations)(random) })
  if (kind < 14) return encodeFrame({ type: FrameType.DATA, channel, payload: Buffer.alloc(random.below(random.chance(0.1) ? 65_000 : 300), 'd\n') })
  if (kind < 16) return encodeFrame({ type: FrameType.END, channel })
  if (kind < 17) return encodeFrame({ type: FrameType.CREDIT, channel, stream: random.below(3), payload: encodeCredit(1 + random.below(300_000)) })
  if (kind < 18) return encodeFrame({ type: FrameType.SIGNAL, channel, payload: encodeSignal(2) })
  if (kind < 19) return encodeFrame({ type: FrameType.CANCEL, channel })
  return encodeFrame({ type: FrameType.PING, payload: Buffer.alloc(random.below(70)) })
}

it('PID 1 lives through whatever is asked of it, and answers others meanwhile', async () => {
  const binary = await buildAgent('agent-asan')
  const root = await mkdtemp(join(tmpdir(), 'berth-fuzz-'))
  const unshare = spawn('unshare', ['--pid', '--net', '--ipc', '--fork', '--kill-child', '--mount-proc', binary, 'init', '--root', root], { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  unshare.stderr.setEncoding('utf8').on('data', (text: string) => { complaint += text })
  const ended = once(unshare, 'exit').then(([code]) => code as number)
  try {
    const pid = await waitFor('PID 1', async () => {
      const child = Number(await readFile(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8'))
      return child > 0 && (await readFile(`/proc/${child}/net/unix`, 'utf8').catch(() => '')).includes('@berth-init') && child
    })
    const connect = (): ChildProcess & { stdin: NodeJS.WritableStream, stdout: NodeJS.ReadableStream } => {
      const child = spawn('nsenter', ['-t', String(pid), '-n', binary, 'connect'], { stdio: ['pipe', 'pipe', 'ignore'] })
      child.stdin.on('error', () => undefined)
      return child as ReturnType<typeof connect>
    }
    const random = createRandom(seed)
    const until = Date.now() + seconds * 1000
    let played = 0
    const play = async (): Promise<void> => {
      while (Date.now() < until && unshare.exitCode === null) {
        const client = connect()
        const gone = once(client, 'close')
        // One that does not read, now and then.
        if (random.chance(0.8)) client.stdout.resume()
        client.stdin.write(encodeFrame({ type: FrameType.HELLO, payload: encodeServerHello() }))
        for (let count = random.below(MOST_FRAMES); count > 0; count--) {
          const frame = composeFrame(random)
          client.stdin.write(random.chance(0.02) ? damage(random, frame) : frame)
          if (random.chance(0.2)) await sleep(random.below(10))
        }
        if (random.chance(0.7)) client.stdin.end()
        else client.kill('SIGKILL')
        client.stdout.resume()
        await gone
        played++
      }
    }
    const ask = async (): Promise<void> => {
      while (Date.now() < until && unshare.exitCode === null) {
        const client = connect()
        const agent = await connectAgent({ stdin: client.stdin as never, stdout: client.stdout as never, destroy: () => void client.kill('SIGKILL') })
        expect((await listProcesses(agent)).kept.length).toBeLessThanOrEqual(IDS.length)
        agent.close()
        client.kill('SIGKILL')
        await once(client, 'close')
        await sleep(50)
      }
    }
    await Promise.all([...Array.from({ length: AT_ONCE }, play), ask()])
    expect(complaint).toBe('')
    process.kill(pid, 'SIGTERM')
    expect({ seed, code: await ended, complaint }).toEqual({ seed, code: 0, complaint: '' })
    console.log(`${played} conversations with PID 1`)
    expect(played).toBeGreaterThan(0)
  } finally {
    unshare.kill('SIGKILL')
    await ended
    await rm(root, { recursive: true, force: true })
  }
}, seconds * 1000 + 120_000)
