import {
  FrameType, MAX_PAYLOAD, encodeCopy, encodeCredit, encodeDial, encodeFind, encodeFrame, encodeLink, encodeList, encodeMakeDirectory,
  encodeMove, encodePorts, encodeRead, encodeRemove, encodeRun, encodeSignal, encodeStat, encodeSync, encodeUsage,
  encodeWatch, encodeWrite
} from '../../src/sandbox/agent-protocol.ts'
import { PATHS, chooseDeed, type Deed } from './guest.ts'
import type { Random } from './random.ts'

/** Frames that are sent together, and what the guest does right after. */
export interface Step {
  readonly frames: Buffer
  readonly deeds: readonly Deed[]
  /** Then the agent has this long before the next. */
  readonly pauseMs: number
}

const CHANNELS = 6
const MOST_STEPS = 40
const PROGRAMS: ReadonlyArray<[string, ...string[]]> = [['/bin/true'], ['/bin/cat'], ['/bin/sleep', '0.01'], ['/bin/ls', '-la'], ['no-such-program']]

const operations: ReadonlyArray<(random: Random, path: () => string) => Buffer> = [
  (random, path) => encodeWatch({ path: path(), recursive: random.chance(0.7), exclude: random.chance(0.2) ? ['a'] : [] }),
  (random, path) => encodeWatch({ path: path(), recursive: random.chance(0.7) }),
  (random, path) => encodeWatch({ path: path(), recursive: random.chance(0.7) }),
  (random) => encodeRun({ args: random.pick(PROGRAMS), wallMs: 200, outputLimitBytes: 1 + random.below(5000), reportInputWait: random.chance(0.5) }),
  (random, path) => encodeWrite({ path: path(), maxBytes: random.below(5000), sync: random.chance(0.1) }),
  (random, path) => encodeRead({ path: path(), offset: random.below(2000) }),
  (_random, path) => encodeWrite({ path: path(), sync: false }),
  (random, path) => encodeList({ path: path(), depth: random.pick([1, 2, 4, 40]), limit: 1 + random.below(50) }),
  (random, path) => encodeStat({ path: path(), follow: random.chance(0.5) }),
  (_random, path) => encodeMakeDirectory({ path: path() }),
  (random, path) => encodeMove({ path: path(), to: path(), overwrite: random.chance(0.5) }),
  (random, path) => encodeCopy({ path: path(), to: path(), overwrite: random.chance(0.5), maxBytes: random.below(100_000) }),
  (random, path) => encodeRemove({ path: path(), recursive: random.chance(0.7) }),
  (random, path) => encodeLink({ path: path(), target: path(), overwrite: random.chance(0.5) }),
  () => encodeUsage(),
  (random, path) => encodeFind({ path: path(), glob: random.pick(['*', '**/f*', 'a/**', '[a-', '*a*a*b']), ...(random.chance(0.5) ? { text: 'x' } : {}) }),
  () => encodeSync(),
  () => encodePorts(),
  (random) => encodeDial({ port: 1 + random.below(65_535) })
]

/** A conversation from scratch: mostly what the protocol allows, in any order. */
export function compose (random: Random): Step[] {
  const lately: string[] = []
  return Array.from({ length: 1 + random.below(MOST_STEPS) }, () => composeStep(random, lately))
}

/** The guest is mostly busy where the agent is. */
function composeStep (random: Random, lately: string[] = []): Step {
  const path = (): string => {
    const chosen = random.pick(PATHS)
    if (chosen !== '') lately.unshift(chosen)
    return chosen
  }
  const frames = Array.from({ length: 1 + random.below(3) }, () => composeFrame(random, path))
  const count = random.chance(0.6) ? 1 + random.below(3) : 0
  return {
    frames: random.chance(0.1) ? damage(random, Buffer.concat(frames)) : Buffer.concat(frames),
    deeds: Array.from({ length: count }, () => chooseDeed(random, random.chance(0.7) ? lately[random.below(4)] : undefined)),
    pauseMs: random.chance(0.5) ? random.below(10) : 0
  }
}

function composeFrame (random: Random, path: () => string): Buffer {
  const channel = 1 + random.below(CHANNELS)
  const kind = random.below(20)
  if (kind < 9) return encodeFrame({ type: FrameType.OPEN, channel, payload: composeOperation(random, path) })
  if (kind < 12) return encodeFrame({ type: FrameType.DATA, channel, payload: Buffer.alloc(random.below(random.chance(0.1) ? MAX_PAYLOAD : 300), 'd') })
  if (kind < 14) return encodeFrame({ type: FrameType.END, channel })
  if (kind < 16) return encodeFrame({ type: FrameType.CREDIT, channel, payload: encodeCredit(1 + random.below(300_000)) })
  if (kind < 17) return encodeFrame({ type: FrameType.SIGNAL, channel, payload: encodeSignal(random.pick([1, 2, 15, 18, 19])) })
  if (kind < 19) return encodeFrame({ type: FrameType.CANCEL, channel })
  return encodeFrame({ type: FrameType.PING, payload: Buffer.alloc(random.below(70)) })
}

function composeOperation (random: Random, path: () => string): Buffer {
  const operation = random.pick(operations)(random, path)
  return random.chance(0.05) ? damage(random, operation, 1) : operation
}

/** Changes, cuts or doubles some bytes. */
export function damage (random: Random, bytes: Buffer, from = 0): Buffer {
  const damaged = Buffer.from(bytes)
  if (damaged.length <= from) return damaged
  const at = from + random.below(damaged.length - from)
  switch (random.below(4)) {
    case 0: damaged[at] = random.below(256); return damaged
    case 1: damaged[at] = (damaged[at] as number) ^ 1 << random.below(8); return damaged
    case 2: return damaged.subarray(0, at)
    default: return Buffer.concat([damaged.subarray(0, at), damaged.subarray(from + random.below(damaged.length - from))])
  }
}

/** One that is known to be interesting, a little different. */
export function vary (random: Random, steps: readonly Step[], others: readonly Step[]): Step[] {
  const varied = [...steps]
  for (let change = 0; change <= random.below(4); change++) {
    const at = random.below(varied.length + 1)
    switch (random.below(5)) {
      case 0: varied.splice(at, 0, composeStep(random)); break
      case 1: varied.splice(at, 1); break
      case 2: varied.splice(at, 0, ...others.slice(random.below(others.length + 1))); break
      case 3: varied.splice(at, 0, ...varied.slice(at, at + 3)); break
      default: {
        const step = varied[at]
        if (step !== undefined) varied[at] = { ...step, deeds: [...step.deeds, chooseDeed(random)], pauseMs: random.below(8) }
      }
    }
  }
  return varied.slice(0, 2 * MOST_STEPS)
}
