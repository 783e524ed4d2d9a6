import { describe, expect, it } from 'vitest'
import { createRingBuffer } from '../../../src/lib/ring-buffer.ts'

const bytes = (from: number, length: number) => Buffer.from(Array.from({ length }, (_, index) => (from + index) % 251))

describe('a ring buffer', () => {
  it.each([
    ['smaller than the ring', [1, 10, 1000, 4095, 1, 1]],
    ['that fill it exactly', [4096, 6000, 5904, 16_000]],
    ['larger than the ring', [20_000, 3, 50_000, 16_000, 1]],
    ['that cross its edge again and again', Array.from({ length: 40 }, (_, index) => 700 + 13 * index)]
  ])('keeps the newest bytes of pieces %s', (_, pieces) => {
    const ring = createRingBuffer(16_000)
    let written = 0
    for (const length of pieces) {
      ring.append(bytes(written, length))
      written += length
      const start = Math.max(0, written - 16_000)
      expect([ring.start(), ring.end()]).toEqual([start, written])
      expect(ring.read(start, Infinity).equals(bytes(start, written - start))).toBe(true)
    }
  })

  it('reads from anywhere, no further than asked and than there is', () => {
    const ring = createRingBuffer(8192)
    ring.append(bytes(0, 10_000))
    expect(ring.read(5000, 7)).toEqual(bytes(5000, 7))
    expect(ring.read(9990, 100)).toEqual(bytes(9990, 10))
    expect(ring.read(10_000, 1)).toHaveLength(0)
  })

  it('hands out copies, which later bytes do not change', () => {
    const ring = createRingBuffer(4096)
    ring.append(bytes(0, 4096))
    const copy = ring.read(0, 4096)
    ring.append(bytes(1, 4096))
    expect(copy.equals(bytes(0, 4096))).toBe(true)
  })

  it('takes memory as it fills, and no more than its capacity', () => {
    const ring = createRingBuffer(1_000_000)
    expect(ring.allocatedBytes()).toBe(0)
    ring.append(bytes(0, 1))
    expect(ring.allocatedBytes()).toBe(4096)
    ring.append(bytes(1, 5000))
    expect(ring.allocatedBytes()).toBe(8192)
    ring.append(bytes(0, 5_000_000))
    expect(ring.allocatedBytes()).toBe(1_000_000)
  })
})
