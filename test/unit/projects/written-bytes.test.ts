import { expect, it } from 'vitest'
import type { ContainerStats } from '../../../src/docker/index.ts'
import { toWrittenBytes } from '../../../src/projects/guard/written-bytes.ts'

const stats = (change: Partial<ContainerStats>) => ({ memory_stats: {}, ...change }) as ContainerStats
const served = (op: string, value: number) => ({ major: 8, minor: 0, op, value })

it.each<[string, Partial<ContainerStats>, number]>([
  ['of version 1, where pages are charged and only direct writes counted',
    { blkio_stats: { io_service_bytes_recursive: [served('Read', 7), served('Write', 1_000), served('Total', 1_007)] }, memory_stats: { stats: { total_pgpgin: 10 } } }, 1_000 + 10 * 4_096],
  ['of version 2, where all writes are counted', { blkio_stats: { io_service_bytes_recursive: [served('read', 7), served('write', 2_000), served('write', 500)] } }, 2_500],
  ['where nothing is counted', { blkio_stats: { io_service_bytes_recursive: null } }, 0]
])('counts what a control group %s has had written', (_name, change, expected) => {
  expect(toWrittenBytes(stats(change))).toBe(expected)
})
