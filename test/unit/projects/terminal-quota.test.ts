import { describe, expect, it } from 'vitest'
import { createDeferred } from '../../../src/lib/deferred.ts'
import { createTerminalQuota } from '../../../src/projects/terminals/quota.ts'
import type { TerminalRow } from '../../../src/projects/terminals/repo.ts'

const place = (id: string, userId = 'user', projectId = 'project') => ({ id, userId, projectId })
const row = (id: string, userId = 'user', projectId = 'project'): TerminalRow => ({ ...place(id, userId, projectId), containerId: 'container' })

function quotaOf (rows: TerminalRow[], living: readonly TerminalRow[] = rows) {
  let looks = 0
  const quota = createTerminalQuota({ perProject: 2, perUser: 3 }, {
    list: async () => [...rows],
    async listLiving () {
      looks++
      return living
    }
  })
  return { ...quota, looks: () => looks }
}

describe('a quota of terminals', () => {
  it('lets those open that have room, and looks at none of the others for that', async () => {
    const { within, looks } = quotaOf([row('a')])
    expect(await within(place('b'), async () => 'open')).toBe('open')
    expect(looks()).toBe(0)
  })

  it('counts those of the project, whoever has opened them, and those of the user, wherever they are', async () => {
    const open = async () => 'open'
    await expect(quotaOf([row('a', 'one'), row('b', 'two')]).within(place('c'), open)).rejects.toMatchObject({ code: 'TERMINAL_QUOTA', message: expect.stringContaining('The project') })
    await expect(quotaOf(['p', 'q', 'r'].map((project) => row(project, 'user', project))).within(place('d'), open)).rejects.toMatchObject({ code: 'TERMINAL_QUOTA', message: expect.stringContaining('Your account') })
  })

  it('does not count those whose shells have ended', async () => {
    const rows = [row('a'), row('b')]
    const { within, looks } = quotaOf(rows, rows.slice(1))
    expect(await within(place('c'), async () => 'open')).toBe('open')
    expect(looks()).toBe(1)
  })

  it('counts those that are being opened, each once, and gives the place of one back that came to nothing', async () => {
    const rows: TerminalRow[] = []
    const { within } = quotaOf(rows)
    const [first, second] = [createDeferred<void>(), createDeferred<void>()]
    const opening = [within(place('a'), async () => await first.promise), within(place('b'), async () => await second.promise)]
    await expect(within(place('c'), async () => undefined)).rejects.toMatchObject({ code: 'TERMINAL_QUOTA' })
    rows.push(row('a'))
    await expect(within(place('c'), async () => undefined)).rejects.toMatchObject({ code: 'TERMINAL_QUOTA' })
    second.reject(new Error('no shell'))
    await expect(opening[1]).rejects.toThrow('no shell')
    expect(await within(place('c'), async () => 'open')).toBe('open')
    first.resolve()
    await opening[0]
  })
})
