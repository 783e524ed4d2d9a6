import { describe, expect, it } from 'vitest'
import { parseRange } from '../../../src/projects/files/byte-range.ts'
import { evaluateRead, isRangeCurrent, writeCondition, type ConditionHeaders } from '../../../src/projects/files/conditions.ts'
import { etagOf } from '../../../src/sandbox/agent-client/etag.ts'
import type { FileEntry } from '../../../src/sandbox/agent-protocol.ts'

const entry: FileEntry = { path: Buffer.from('a'), type: 'file', mode: 0o644, size: 10, mtimeNs: 1_700_000_000_500_000_000n, inode: 5n }
const etag = etagOf(entry)
const other = '"1-1-1"'
const second = 'Tue, 14 Nov 2023 22:13:20 GMT'

describe('a read', () => {
  it.each<[ConditionHeaders, string]>([
    [{}, 'go on'],
    [{ 'if-none-match': etag }, 'not modified'],
    [{ 'if-none-match': `W/${etag}` }, 'not modified'],
    [{ 'if-none-match': `${other}, ${etag}` }, 'not modified'],
    [{ 'if-none-match': '*' }, 'not modified'],
    [{ 'if-none-match': other }, 'go on'],
    [{ 'if-none-match': other, 'if-modified-since': second }, 'go on'],
    [{ 'if-modified-since': second }, 'not modified'],
    [{ 'if-modified-since': 'Tue, 14 Nov 2023 22:13:19 GMT' }, 'go on'],
    [{ 'if-modified-since': 'nonsense' }, 'go on'],
    [{ 'if-match': etag }, 'go on'],
    [{ 'if-match': '*' }, 'go on'],
    [{ 'if-match': other }, 'failed'],
    [{ 'if-match': `W/${etag}` }, 'failed']
  ])('with %j is to %s', (headers, verdict) => {
    expect(evaluateRead(headers, entry)).toBe(verdict)
  })

  it('goes on with a range only of the same version', () => {
    expect(isRangeCurrent(undefined, entry)).toBe(true)
    expect(isRangeCurrent(etag, entry)).toBe(true)
    expect(isRangeCurrent(other, entry)).toBe(false)
    expect(isRangeCurrent(second, entry)).toBe(false)
  })
})

describe('a write', () => {
  const version = { mtimeNs: entry.mtimeNs, size: entry.size, inode: entry.inode }

  it.each<[ConditionHeaders, unknown]>([
    [{}, undefined],
    [{ 'if-none-match': '*' }, 'absent'],
    [{ 'if-match': '*' }, 'present'],
    [{ 'if-match': etag }, [version]],
    [{ 'if-match': `"not ours", ${etag}` }, [version]],
    [{ 'if-match': 'W/"1-1-1"' }, 'never'],
    [{ 'if-match': 'nonsense' }, 'never'],
    [{ 'if-match': etag, 'if-none-match': '*' }, 'never']
  ])('with %j expects what it names', (headers, condition) => {
    expect(writeCondition(headers)).toEqual(condition)
  })

  it.each<ConditionHeaders>([{ 'if-none-match': etag }, { 'if-unmodified-since': second }])('with %j is refused rather than done in spite of it', (headers) => {
    expect(() => writeCondition(headers)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }) as Error)
  })
})

describe('a range', () => {
  const part = (offset: number, length: number) => ({ kind: 'part', offset, length })

  it.each<[string | undefined, object]>([
    [undefined, { kind: 'whole' }],
    ['bytes=0-0', part(0, 1)],
    ['bytes=2-', part(2, 8)],
    ['bytes=2-100', part(2, 8)],
    ['bytes=-3', part(7, 3)],
    ['bytes=-100', part(0, 10)],
    ['bytes = 2 - 4', part(2, 3)],
    ['bytes=10-', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    ['bytes=99999999999999999999-', { kind: 'unsatisfiable' }],
    ['bytes=4-2', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
    ['bytes=0-1,3-4', { kind: 'whole' }],
    ['lines=1-2', { kind: 'whole' }]
  ])('%s of ten bytes', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range)
  })

  it('of an empty file is none', () => {
    expect(parseRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' })
    expect(parseRange('bytes=-1', 0)).toEqual({ kind: 'unsatisfiable' })
  })
})
