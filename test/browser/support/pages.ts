import { inject } from 'vitest'
import { startBerth, type Berth } from '../../live/support/berth.ts'
import type { Variables } from '../../support/variables.ts'

/** A Berth with the pages of this tree, under the name that browsers are sent to: a cookie is for one name. */
export async function startPages (env: Variables = {}, overrides: Parameters<typeof startBerth>[1] = {}): Promise<Berth> {
  const berth = await startBerth(env, { ...overrides, webDirectory: inject('webDirectory') })
  return {
    ...berth,
    origin: berth.origin.replace('127.0.0.1', 'localhost'),
    /** With the projects that people have made on the pages. */
    async stop () {
      const { projects } = await (await berth.get('/api/projects')).json() as { projects: Array<{ id: string }> }
      for (const { id } of projects) await fetch(`${berth.origin}/api/projects/${id}`, { method: 'DELETE', headers: { 'X-API-Key': berth.key } })
      await berth.stop()
    }
  }
}
