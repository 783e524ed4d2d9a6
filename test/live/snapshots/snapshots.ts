import type { Project } from '../../../src/projects/core/schemas.ts'
import type { Snapshot, SnapshotList } from '../../../src/projects/transfer/snapshots/schemas.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { User } from '../projects/user.ts'

/** The snapshot calls of one project; those that are to succeed insist on it. */
export function snapshotsOf (user: User, projectId: string) {
  const path = `/projects/${projectId}/snapshots`

  async function insist<T> (status: number, method: string, where: string, body?: unknown): Promise<T> {
    const answer = await user.call<T>(method, where, body)
    if (answer.status !== status) throw new Error(`${method} ${where}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  const list = async (): Promise<Snapshot[]> => (await insist<SnapshotList>(200, 'GET', path)).snapshots

  return {
    list,
    create: async (name?: string): Promise<Snapshot> => await insist(201, 'POST', path, name === undefined ? undefined : { name }),
    restore: async (id: string): Promise<Snapshot> => await insist(200, 'POST', `${path}/${id}/restore`),
    tryRestore: async (id: string) => await user.call<{ code?: string }>('POST', `${path}/${id}/restore`),
    remove: async (id: string): Promise<unknown> => await insist(204, 'DELETE', `${path}/${id}`),
    fork: async (body?: object): Promise<Project> => await insist(201, 'POST', `/projects/${projectId}/fork`, body),
    /** When the project has come to rest with changed files. */
    nextAutomatic: async (known: readonly Snapshot[] = []): Promise<Snapshot> => await waitFor('an automatic snapshot', async () =>
      (await list()).find(({ id, kind }) => kind === 'automatic' && known.every((before) => before.id !== id)), 30_000)
  }
}
