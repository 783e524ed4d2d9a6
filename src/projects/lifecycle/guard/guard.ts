import { setTimeout as sleep } from 'node:timers/promises'
import { createLoop, type Loop } from '../../../lib/loop.ts'
import type { FileSystemSpace, FileUsage } from '../../../sandbox/agent-protocol.ts'
import { explainNoSpace, explainTooDeep, explainTooLarge } from './explain.ts'
import { findWriter, isTooLarge, planMeasures, type GuardLimits, type Watched } from './plan.ts'
import type { WrittenBytes } from './written-bytes.ts'

export interface RunningProject {
  readonly projectId: string
  readonly containerId: string
}

export interface Guard extends Loop {
  /** A project has been started: it is looked at from the next round on. */
  readonly notice: () => void
}

export interface GuardOptions {
  readonly limits: GuardLimits
  readonly listRunning: () => Promise<readonly RunningProject[]>
  readonly space: () => Promise<FileSystemSpace | undefined>
  readonly isLow: (space: FileSystemSpace) => boolean
  /** Need not count beyond what is too large. Undefined when it cannot be told now, `too deep` when it never can. */
  readonly measure: (project: RunningProject) => Promise<FileUsage | 'too deep' | undefined>
  readonly writtenBytes: (containerId: string) => Promise<WrittenBytes | undefined>
  /** Ends its container at once, and says why. */
  readonly halt: (project: RunningProject, reason: string) => Promise<void>
  readonly log: { warn: (fields: object, message: string) => void, error: (fields: object, message: string) => void }
  readonly now?: () => number
}

// What can be written in a round is part of what a project may have too much, and of what the reserve has to take.
const ROUND_MS = 250
const LIST_MS = 1_000
const LIST_EMPTY_MS = 10_000
/** A guest can hold up what measures it: whoever is slow is not waited for. */
const MEASURE_PATIENCE_MS = 500
const MEASURES_AT_ONCE = 16

interface Entry extends RunningProject {
  usage: FileUsage | undefined
  grownBytes: number
  measuredAt: number
  measureMs: number
  lostBytes: number
  lostInodes: number
  hasChanged: boolean
  written: number | undefined
  writtenBytes: number
  measuring: Promise<void> | undefined
}

/**
 * Bounds what programs of running projects take of the disk: a look at what is left of it every round, which costs next
 * to nothing, tells when somebody writes; then those are measured who may have come too far, and stopped if they have.
 */
export function createGuard ({ limits, listRunning, space, isLow, measure, writtenBytes, halt, log, now = () => performance.now() }: GuardOptions): Guard {
  const entries = new Map<string, Entry>()
  let listedAt = -Infinity
  let last: FileSystemSpace | undefined

  async function list (): Promise<void> {
    if (now() - listedAt < (entries.size === 0 ? LIST_EMPTY_MS : LIST_MS)) return
    listedAt = now()
    const running = await listRunning()
    const containers = new Set(running.map(({ containerId }) => containerId))
    for (const containerId of entries.keys()) if (!containers.has(containerId)) entries.delete(containerId)
    for (const project of running) {
      if (entries.has(project.containerId)) continue
      entries.set(project.containerId, { ...project, usage: undefined, grownBytes: 0, measuredAt: -Infinity, measureMs: 0, lostBytes: 0, lostInodes: 0, hasChanged: false, written: undefined, writtenBytes: 0, measuring: undefined })
    }
  }

  /** Whether the disk has lost anything since the round before. */
  function noteLoss (current: FileSystemSpace): boolean {
    const lostBytes = Math.max((last?.freeBytes ?? current.freeBytes) - current.freeBytes, 0)
    const lostInodes = Math.max((last?.freeInodes ?? current.freeInodes) - current.freeInodes, 0)
    const hasChanged = last !== undefined && (last.freeBytes !== current.freeBytes || last.freeInodes !== current.freeInodes)
    last = current
    for (const entry of entries.values()) {
      entry.lostBytes += lostBytes
      entry.lostInodes += lostInodes
      entry.hasChanged ||= hasChanged
    }
    return lostBytes > 0 || lostInodes > 0
  }

  function views (): Watched[] {
    return [...entries.values()].map((entry) => ({ ...entry, measuredAgoMs: now() - entry.measuredAt }))
  }

  async function measureEntry (entry: Entry): Promise<void> {
    const { lostBytes, lostInodes } = entry
    const begunAt = now()
    entry.hasChanged = false
    const usage = await measure(entry)
    if (usage === undefined) return
    if (usage === 'too deep') {
      await stop(entry, explainTooDeep())
      return
    }
    entry.grownBytes = entry.usage === undefined ? 0 : usage.bytes - entry.usage.bytes
    entry.usage = usage
    entry.measuredAt = now()
    entry.measureMs = entry.measuredAt - begunAt
    // What was lost while it was measured may have come after its file was looked at.
    entry.lostBytes -= lostBytes
    entry.lostInodes -= lostInodes
    if (isTooLarge(usage, limits)) await stop(entry, explainTooLarge(usage, limits))
  }

  function beginMeasure (entry: Entry): Promise<void> {
    entry.measuring ??= measureEntry(entry)
      .catch((err: unknown) => log.warn({ err, projectId: entry.projectId }, 'what a project takes of the disk could not be measured'))
      .finally(() => { entry.measuring = undefined })
    return entry.measuring
  }

  async function measureDue (isUrgent: boolean): Promise<void> {
    const due = planMeasures(views(), limits, { isLow: isUrgent })
    const underWay = [...entries.values()].filter(({ measuring }) => measuring !== undefined).length
    const begun = due.slice(0, Math.max(MEASURES_AT_ONCE - underWay, 0)).map(({ containerId }) => entries.get(containerId)).filter((entry) => entry !== undefined)
    if (begun.length > 0) await Promise.race([Promise.all(begun.map(beginMeasure)), sleep(MEASURE_PATIENCE_MS, undefined, { ref: false })])
  }

  async function stop (entry: Entry, reason: string): Promise<void> {
    const { projectId, containerId, usage, grownBytes, writtenBytes } = entry
    await halt(entry, reason)
    entries.delete(containerId)
    log.warn({ projectId, usage, grownBytes, writtenBytes }, 'a project that takes too much of the disk was stopped')
  }

  async function count (entry: Entry): Promise<void> {
    const counted = await writtenBytes(entry.containerId)
    entry.writtenBytes = counted === undefined ? 0 : counted.pending + counted.written - (entry.written ?? counted.written)
    entry.written = counted?.written
  }

  /** One at a time, so that nobody is stopped for what another has taken. */
  async function defendReserve (): Promise<void> {
    await Promise.all([...entries.values()].map(count))
    const writer = entries.get(findWriter(views())?.containerId ?? '')
    if (writer === undefined) log.error({ space: last }, 'the disk is nearly full, and goes on to fill; no project was found that writes')
    else await stop(writer, explainNoSpace())
  }

  const loop = createLoop({
    intervalMs: ROUND_MS,
    onError: (err) => log.warn({ err }, 'what projects take of the disk could not be looked at'),
    async work () {
      // Those that are known are looked at also while the database is away, as when its disk is full.
      await list().catch((err: unknown) => log.warn({ err }, 'running projects could not be listed'))
      if (entries.size === 0) return
      const current = await space()
      const hasLoss = current !== undefined && noteLoss(current)
      const isReserveTaken = current !== undefined && isLow(current)
      await measureDue(isReserveTaken && hasLoss)
      if (isReserveTaken && hasLoss) await defendReserve()
    }
  })

  return {
    ...loop,
    notice () {
      listedAt = -Infinity
    },
    async stop () {
      await loop.stop()
      await Promise.all([...entries.values()].map(async ({ measuring }) => await measuring))
    }
  }
}
