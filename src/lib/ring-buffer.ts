export interface RingBuffer {
  readonly append: (bytes: Uint8Array) => void
  /** Position in the stream of the oldest byte that is kept. */
  readonly start: () => number
  /** Position behind the newest byte: how many there have ever been. */
  readonly end: () => number
  /** A copy of up to `most` bytes from a position between start and end. */
  readonly read: (position: number, most: number) => Buffer
  readonly allocatedBytes: () => number
}

const SMALLEST_BYTES = 4096

/** The newest `capacity` bytes of a stream. Takes memory as it fills: most streams never fill it. */
export function createRingBuffer (capacity: number): RingBuffer {
  let storage = Buffer.alloc(0)
  let start = 0
  let end = 0

  /** Puts bytes where their position says, in two parts if they reach over the edge. */
  function place (target: Buffer, bytes: Uint8Array, position: number): void {
    const offset = position % target.length
    const head = bytes.subarray(0, target.length - offset)
    target.set(head, offset)
    target.set(bytes.subarray(head.length), 0)
  }

  function grow (needed: number): void {
    let size = Math.max(storage.length, SMALLEST_BYTES)
    while (size < needed) size *= 2
    // Not from the pool: what lives long would keep its whole slab alive.
    const larger = Buffer.allocUnsafeSlow(Math.min(size, capacity))
    if (end > start) place(larger, read(start, end - start), start)
    storage = larger
  }

  function read (position: number, most: number): Buffer {
    const length = Math.min(most, end - position)
    const offset = position % storage.length
    const head = storage.subarray(offset, offset + length)
    const copy = Buffer.allocUnsafe(length)
    copy.set(head)
    copy.set(storage.subarray(0, length - head.length), head.length)
    return copy
  }

  return {
    append (bytes) {
      const kept = bytes.subarray(Math.max(0, bytes.length - capacity))
      const needed = Math.min(capacity, end - start + bytes.length)
      if (needed > storage.length) grow(needed)
      end += bytes.length
      place(storage, kept, end - kept.length)
      start = Math.max(start, end - storage.length)
    },
    start: () => start,
    end: () => end,
    read,
    allocatedBytes: () => storage.length
  }
}
