import type { FileUsage } from '../../../sandbox/agent-protocol.ts'

/** A running project, as the guard knows it. */
export interface Watched {
  readonly projectId: string
  readonly containerId: string
  /** As last measured; undefined before. */
  readonly usage: FileUsage | undefined
  /** How much larger it was found when it was last measured than the time before. */
  readonly grownBytes: number
  readonly measuredAgoMs: number
  /** How long that took. */
  readonly measureMs: number
  /** What the disk has lost since it was measured, whoever took it. */
  readonly lostBytes: number
  readonly lostInodes: number
  /** Whether it had any other space left in some round since: what one writes is not seen while as much is deleted. */
  readonly hasChanged: boolean
  /** What it has made the kernel write since the round before, as its control group counts; 0 while nobody asks. */
  readonly writtenBytes: number
}

export interface GuardLimits {
  readonly bytes: number
  readonly entries: number
}

/** Beyond a limit by this a project is stopped: what it writes is seen a moment later. */
const TOLERANCE = 1.1
const LEAST_STEP_BYTES = 16 * 1024 ** 2
const LEAST_STEP_ENTRIES = 2_000
/** Names of one file take next to nothing of the disk, and what is lost may be hidden: where anything is at work, all are measured now and then. */
const SWEEP_MS = { least: 5_000, most: 30_000 }
/** Of a CPU, for that. */
const SWEEP_SHARE = 1 / 20
/** Smaller growth than this does not fill a disk. */
const SUSPICIOUS_BYTES = 4 * 1024 ** 2

export function hardLimits ({ bytes, entries }: GuardLimits): GuardLimits {
  return { bytes: Math.floor(bytes * TOLERANCE), entries: Math.floor(entries * TOLERANCE) }
}

export function isTooLarge (usage: FileUsage, limits: GuardLimits): boolean {
  const hard = hardLimits(limits)
  return usage.bytes > hard.bytes || usage.entries > hard.entries
}

/**
 * Those to be measured now: new ones, and each for which the disk has lost so much since that it may have taken half of
 * the room that it had. Where nobody writes, nothing is walked.
 */
export function planMeasures (watched: readonly Watched[], limits: GuardLimits, { isLow }: { isLow: boolean }): Watched[] {
  const hard = hardLimits(limits)
  return watched.filter(({ usage, lostBytes, lostInodes, hasChanged, measuredAgoMs, measureMs }) => {
    if (usage === undefined) return true
    const hasLoss = lostBytes > 0 || lostInodes > 0
    if (hasLoss && isLow) return true
    if ((hasLoss || hasChanged) && measuredAgoMs >= sweepMs(measureMs, watched.length)) return true
    return lostBytes >= step(hard.bytes - usage.bytes, Math.min(LEAST_STEP_BYTES, limits.bytes / 8)) ||
      lostInodes >= step(hard.entries - usage.entries, Math.min(LEAST_STEP_ENTRIES, limits.entries / 8))
  })
}

/** Where each takes about as long as this one. */
function sweepMs (measureMs: number, count: number): number {
  return Math.min(Math.max(measureMs * count / SWEEP_SHARE, SWEEP_MS.least), SWEEP_MS.most)
}

function step (room: number, least: number): number {
  return Math.max(room / 2, least)
}

/** While the disk is below its reserve and goes on to lose: whoever writes most, by its files or, if these hide it, by its control group. */
export function findWriter (watched: readonly Watched[]): Watched | undefined {
  return largest(watched, ({ grownBytes }) => grownBytes) ?? largest(watched, ({ writtenBytes }) => writtenBytes)
}

function largest (watched: readonly Watched[], weightOf: (one: Watched) => number): Watched | undefined {
  let found: Watched | undefined
  for (const one of watched) {
    if (weightOf(one) >= SUSPICIOUS_BYTES && (found === undefined || weightOf(one) > weightOf(found))) found = one
  }
  return found
}
