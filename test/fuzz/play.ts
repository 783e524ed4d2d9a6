import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FrameType, createFrameReader, encodeFrame, encodeServerHello } from '../../src/sandbox/agent-protocol.ts'
import { doDeed, furnish } from './guest.ts'
import type { Step } from './grammar.ts'

export interface Outcome {
  /** What the agent did that it must never do. */
  readonly fault: string | undefined
  /** Which answers it gave to which operations: a new one makes a conversation worth keeping. */
  readonly signature: ReadonlySet<string>
}

const NOBODY = '65534'
const DEADLINE_MS = 20_000
const LAST_PAUSE_MS = 20
const EXIT_BROKEN = 70
const MARKER = 'as it was'
/** Not in the host's network nor among its queues, whatever it is told to dial or to clear. */
const WRAPPER = ['-n', '-i', 'setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']

/** Plays a conversation to an agent of its own, with the guest's deeds in between. Needs root. */
export async function play (binary: string, steps: readonly Step[]): Promise<Outcome> {
  const place = await realpath(await mkdtemp(join(tmpdir(), 'berth-fuzz-')))
  const [root, outside] = [join(place, 'root'), join(place, 'outside')]
  await Promise.all([mkdir(root), mkdir(outside)])
  await Promise.all([place, root, outside].map(async (path) => await chmod(path, 0o777)))
  await writeFile(join(outside, 'marker'), MARKER)
  furnish(root)
  try {
    const outcome = await converse(binary, root, steps)
    const isUntouched = (await readdir(outside)).join() === 'marker' && await readFile(join(outside, 'marker'), 'utf8') === MARKER
    return isUntouched ? outcome : { ...outcome, fault: outcome.fault ?? `something outside of the root has changed: ${(await readdir(outside)).join()}` }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

async function converse (binary: string, root: string, steps: readonly Step[]): Promise<Outcome> {
  const agent = spawn('unshare', [...WRAPPER, binary, 'serve', '--root', root, '--cgroup', '/nonexistent'], { stdio: 'pipe' })
  const exited = once(agent, 'exit') as Promise<[number | null, string | null]>
  const signature = new Set<string>()
  const opened = new Map<number, number>()
  let fault: string | undefined
  let complaint = ''
  let isOver = false
  void exited.then(() => { isOver = true })
  const reader = createFrameReader(({ type, channel, payload }) => {
    const detail = type === FrameType.ERROR ? payload.readUInt16BE(0) : type === FrameType.EVENT ? payload[0] : ''
    signature.add(`${opened.get(channel) ?? ''}:${type}:${detail}`)
  })
  agent.stdout.on('data', (chunk: Buffer) => {
    try {
      reader.push(chunk)
    } catch (error) {
      fault ??= `it sent a broken frame: ${String(error)}`
    }
  })
  agent.stderr.setEncoding('utf8').on('data', (text: string) => { complaint += text })
  // It hangs up on who breaks the rules.
  agent.stdin.on('error', () => undefined)
  const deadline = setTimeout(() => {
    fault ??= 'it does not end'
    agent.kill('SIGKILL')
  }, DEADLINE_MS)

  agent.stdin.write(encodeFrame({ type: FrameType.HELLO, payload: encodeServerHello() }))
  for (const { frames, deeds, pauseMs } of steps) {
    if (isOver) break
    if (frames[0] === FrameType.OPEN && frames.length > 8) opened.set(frames.readUInt16BE(2), frames[8] as number)
    agent.stdin.write(frames)
    for (const deed of deeds) doDeed(root, deed)
    await sleep(pauseMs)
  }
  // What has happened last is looked at, too.
  await sleep(LAST_PAUSE_MS)
  agent.stdin.end()
  const [code, signal] = await exited
  clearTimeout(deadline)
  if (complaint !== '') fault ??= complaint
  if (code !== 0 && code !== EXIT_BROKEN) fault ??= `it ended with ${code ?? signal}`
  return { fault, signature }
}
