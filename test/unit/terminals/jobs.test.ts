import { expect, it } from 'vitest'
import { createJobWatch } from '../../../src/projects/terminals/jobs.ts'
import type { Entry } from '../../../src/projects/terminals/registry.ts'

const entry = (projectId: string, id: string, quietMs: number) => ({ projectId, terminal: { id, quietMs: () => quietMs } }) as Entry
const report = (id: string, isBusy: boolean) => ({ id, serverId: 's', isBusy })

it('asks only where all is quiet, and keeps up who has a job of ours in the foreground', async () => {
  const asked: string[] = []
  const touched: string[] = []
  const failed: string[] = []
  const reports: Record<string, Array<ReturnType<typeof report>>> = {
    busy: [report('a', false), report('b', true)],
    idle: [report('c', false)],
    // A guest's own process may look like a terminal.
    forged: [report('d', false), report('x', true)]
  }
  const look = createJobWatch({
    idleMs: 1000,
    byContainer: () => [
      ['busy', [entry('p1', 'a', 600), entry('p1', 'b', 600)]],
      ['idle', [entry('p2', 'c', 600)]],
      ['forged', [entry('p3', 'd', 600)]],
      ['loud', [entry('p4', 'e', 600), entry('p4', 'f', 400)]],
      ['gone', [entry('p5', 'g', 600)]]
    ],
    listTerminals: async (container) => {
      asked.push(container)
      const found = reports[container]
      if (found === undefined) throw new Error('not running')
      return found
    },
    touch: (projectId) => void touched.push(projectId),
    onError: (_error, container) => void failed.push(container)
  })
  await look()
  expect(asked).toEqual(['busy', 'idle', 'forged', 'gone'])
  expect(touched).toEqual(['p1'])
  expect(failed).toEqual(['gone'])
})
