import { expect, it } from 'vitest'
import type { ContainerStats } from '../../../src/docker/index.ts'
import { toWrittenBytes } from '../../../src/projects/lifecycle/guard/written-bytes.ts'

const stats = (change: Partial<ContainerStats>) => ({ memory_stats: {}, ...change }) as ContainerStats
const served = (op: string, value: number) => ({ major: 8, minor: 0, op, value })

it.each<[string, Partial<ContainerStats>, { written: number, pending: number }]>([
  ['of version 1, where pages are charged and only direct writes counted',
    { blkio_stats: { io_service_bytes_recursive: [served('Read', 7), served('Write', 1_000), served('Total', 1_007)] }, memory_stats: { stats: { total_pgpgin: 10, total_dirty: 8_192, total_writeback: 4_096 } } }, { written: 1_000 + 10 * 4_096, pending: 12_288 }],
  ['of version 2, where all writes are counted', { blkio_stats: { io_service_bytes_recursive: [served('read', 7), served('write', 2_000), served('write', 500)] }, memory_stats: { stats: { file_dirty: 4_096, file_writeback: 8_192 } } }, { written: 2_500, pending: 12_288 }],
  ['where nothing is counted', { blkio_stats: { io_service_bytes_recursive: null } }, { written: 0, pending: 0 }]
])('counts what a control group %s has had written', (_name, change, expected) => {
  expect(toWrittenBytes(stats(change))).toEqual(expected)
})
