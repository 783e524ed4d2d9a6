import { completeUtf8Length } from '../../lib/utf8.ts'
import type { StageName, StreamName } from './tap.ts'

/** A piece of output. It never ends inside a UTF-8 character that the program completes, so each is decoded by itself. */
export interface OutputMessage {
  readonly type: 'output'
  /** 1 for the first of the session, and one more for each. */
  readonly seq: number
  readonly stage: StageName
  readonly stream: StreamName
  readonly bytes: Buffer
}

export interface Transcript {
  readonly add: (stage: StageName, stream: StreamName, bytes: Buffer) => void
  /** Makes messages of all that is held back, but for half a character. */
  readonly flush: () => void
  /** Also of half a character: nothing of this stage will follow. */
  readonly end: () => void
  /** Bytes of all messages so far. */
  readonly size: () => number
  /** All that one stream has printed so far. */
  readonly bytes: (stage: StageName, stream: StreamName) => Buffer
}

interface Track {
  readonly stage: StageName
  readonly stream: StreamName
  readonly kept: Buffer[]
  /** Bytes that the limit leaves. */
  room: number
  /** A character's first bytes. */
  half: Buffer
}

interface Segment {
  readonly track: Track
  readonly chunks: Buffer[]
}

// A browser draws a frame in as long; who types sees no delay, since what comes after a pause is passed on at once.
const WINDOW_MS = 16
// A program that writes byte by byte for hours must not cost a message for each: the window grows with them.
const MESSAGES_PER_STEP = 5_000
const MAX_SEGMENTS = 8
const MAX_HELD_BYTES = 64 * 1024
const NOTHING = Buffer.alloc(0)

/**
 * Cuts what a program prints into messages: the first piece after a pause becomes one at once, those that follow closely
 * are put together. Keeps at most `limitBytes` of each stream of each stage.
 */
export function createTranscript ({ limitBytes, onMessage, now = () => performance.now() }: {
  limitBytes: number
  onMessage: (message: OutputMessage) => void
  now?: () => number
}): Transcript {
  const createTrack = (stage: StageName, stream: StreamName): Track => ({ stage, stream, kept: [], room: limitBytes, half: NOTHING })
  const tracks = {
    compile: { stdout: createTrack('compile', 'stdout'), stderr: createTrack('compile', 'stderr') },
    run: { stdout: createTrack('run', 'stdout'), stderr: createTrack('run', 'stderr') }
  }
  let held: Segment[] = []
  let heldBytes = 0
  let length = 0
  let size = 0
  let flushedAtMs = -Infinity
  let timer: NodeJS.Timeout | undefined

  const windowMs = (): number => WINDOW_MS * (1 + Math.floor(length / MESSAGES_PER_STEP))

  function hold (track: Track, bytes: Buffer): void {
    heldBytes += bytes.length
    const last = held.at(-1)
    const isSame = (segment: Segment | undefined): boolean => segment?.track === track
    // Past so many changes of the stream within one window, only the order within each is kept.
    const segment = isSame(last) ? last : held.length < MAX_SEGMENTS ? undefined : held.find(isSame)
    if (segment === undefined) held.push({ track, chunks: [bytes] })
    else segment.chunks.push(bytes)
  }

  function emit ({ stage, stream, kept }: Track, bytes: Buffer): void {
    if (bytes.length === 0) return
    kept.push(bytes)
    size += bytes.length
    onMessage({ type: 'output', seq: ++length, stage, stream, bytes })
  }

  function flush (): void {
    clearTimeout(timer)
    timer = undefined
    if (held.length === 0) return
    const segments = held
    held = []
    heldBytes = 0
    flushedAtMs = now()
    for (const { track, chunks } of segments) {
      // Copies: a chunk is a slice of what came in one read, all of which it would keep in memory.
      const bytes = Buffer.concat([track.half, ...chunks])
      const complete = completeUtf8Length(bytes)
      track.half = bytes.subarray(complete)
      emit(track, bytes.subarray(0, complete))
    }
  }

  return {
    add (stage, stream, bytes) {
      const track = tracks[stage][stream]
      // The sandbox keeps to the limit; what a broken one sends beyond it is dropped.
      const taken = bytes.subarray(0, track.room)
      if (taken.length === 0) return
      track.room -= taken.length
      hold(track, taken)
      if (heldBytes >= MAX_HELD_BYTES || now() - flushedAtMs >= windowMs()) flush()
      else timer ??= setTimeout(flush, windowMs())
    },
    flush,
    end () {
      flush()
      for (const track of Object.values(tracks).flatMap((streams) => Object.values(streams))) {
        emit(track, track.half)
        track.half = NOTHING
      }
    },
    size: () => size,
    bytes: (stage, stream) => Buffer.concat(tracks[stage][stream].kept)
  }
}
