import { describe, expect, it } from 'vitest'
import { findWriter, hardLimits, isTooLarge, planMeasures, type Watched } from '../../../src/projects/lifecycle/guard/plan.ts'

const MIB = 1024 ** 2
const limits = { bytes: 2_000 * MIB, entries: 200_000 }
const small: Watched = {
  projectId: 'p', containerId: 'c', usage: { bytes: 10 * MIB, entries: 100 }, grownBytes: 0, measuredAgoMs: 1_000, measureMs: 10, lostBytes: 0, lostInodes: 0, hasChanged: false, writtenBytes: 0
}
const isMeasured = (change: Partial<Watched>, isLow = false): boolean => planMeasures([{ ...small, ...change }], limits, { isLow }).length === 1

describe('who is measured', () => {
  it.each<[string, Partial<Watched>, boolean]>([
    ['one that never was', { usage: undefined }, true],
    ['none while the disk loses nothing, however long', { measuredAgoMs: 10 ** 9 }, false],
    ['one with much room, when little was lost', { lostBytes: 500 * MIB }, false],
    ['one with much room, when half of that was lost', { lostBytes: 1_100 * MIB }, true],
    ['one with little room, when little was lost', { usage: { bytes: 2_150 * MIB, entries: 100 }, lostBytes: 30 * MIB }, true],
    ['one with hardly any room, not for every block', { usage: { bytes: 2_199 * MIB, entries: 100 }, lostBytes: MIB }, false],
    ['one beyond its limit', { usage: { bytes: 3_000 * MIB, entries: 100 }, lostBytes: 16 * MIB }, true],
    ['one when many inodes were lost', { lostInodes: 110_000 }, true],
    ['one with few inodes left, when some were lost', { usage: { bytes: 0, entries: 218_000 }, lostInodes: 2_000 }, true],
    ['not for a few inodes', { lostInodes: 5_000 }, false],
    ['one that was measured a while ago, when anything was lost', { measuredAgoMs: 5_000, lostBytes: 4_096 }, true],
    ['none that takes long to measure, so soon', { measuredAgoMs: 19_000, measureMs: 1_000, lostBytes: 4_096 }, false],
    ['one that takes long to measure, later', { measuredAgoMs: 20_000, measureMs: 1_000, lostBytes: 4_096 }, true],
    ['one that was measured a while ago, when as much was deleted as may have been written', { measuredAgoMs: 5_000, hasChanged: true }, true],
    ['none so soon for that', { measuredAgoMs: 4_999, hasChanged: true }, false],
    ['one that takes very long to measure, at last', { measuredAgoMs: 30_000, measureMs: 2_000, lostBytes: 4_096 }, true]
  ])('%s', (_name, change, expected) => {
    expect(isMeasured(change)).toBe(expected)
  })

  it('are fewer at once where there are many, so that this takes a twentieth of a CPU', () => {
    const many = Array.from({ length: 50 }, () => ({ ...small, measureMs: 10, lostBytes: 1 }))
    expect(planMeasures(many.map((one) => ({ ...one, measuredAgoMs: 9_999 })), limits, { isLow: false })).toHaveLength(0)
    expect(planMeasures(many.map((one) => ({ ...one, measuredAgoMs: 10_000 })), limits, { isLow: false })).toHaveLength(50)
  })

  it('is everybody who may have written, while the disk is below its reserve', () => {
    expect([isMeasured({ lostBytes: 1 }, true), isMeasured({ lostInodes: 1 }, true), isMeasured({}, true)]).toEqual([true, true, false])
  })
})

it('too large is a tenth beyond either limit', () => {
  const { bytes, entries } = hardLimits(limits)
  expect([bytes, entries]).toEqual([2_200 * MIB, 220_000])
  expect(isTooLarge({ bytes, entries }, limits)).toBe(false)
  expect(isTooLarge({ bytes: bytes + 1, entries: 0 }, limits)).toBe(true)
  expect(isTooLarge({ bytes: 0, entries: entries + 1 }, limits)).toBe(true)
})

describe('who is stopped while the disk is below its reserve', () => {
  const a = { ...small, containerId: 'a' }
  const b = { ...small, containerId: 'b' }
  it.each<[string, Watched[], string | undefined]>([
    ['nobody who does not write', [a, b], undefined],
    ['whoever grew most', [{ ...a, grownBytes: 50 * MIB, writtenBytes: 900 * MIB }, { ...b, grownBytes: 60 * MIB }], 'b'],
    ['whoever had most written, where no files have grown', [{ ...a, writtenBytes: 90 * MIB }, { ...b, writtenBytes: 80 * MIB }], 'a'],
    ['nobody for a log line', [{ ...a, grownBytes: 10_000, writtenBytes: MIB }], undefined]
  ])('%s', (_name, watched, expected) => {
    expect(findWriter(watched)?.containerId).toBe(expected)
  })
})
