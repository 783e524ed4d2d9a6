import { notify, type Notifications } from '../../db/notifications.ts'
import type { Database, Querying } from '../../db/open.ts'
import { errors } from '../../errors.ts'
import type { ProjectRole } from './roles.ts'

/** Somebody's part in a project. */
export interface Part {
  readonly userId: string
  readonly projectId: string
}

/** Who has to know at once that a role is another one, such as an open WebSocket. */
export interface RoleWatch {
  /** Calls back once, with the reason, as soon as the role is not this one any more. Returns how to stop watching. */
  readonly watch: (part: Part & { readonly role: ProjectRole }, callback: (reason: Error) => void) => () => void
  /** Changes a role, in a transaction; every server is told when it is committed. */
  readonly change: <T>(work: (transaction: Querying) => Promise<Change<T>>) => Promise<T>
}

export interface Change<T> {
  readonly value: T
  /** Whose role is another one. */
  readonly parts: readonly Part[]
}

interface Watch extends Part {
  readonly role: ProjectRole
  readonly callback: (reason: Error) => void
}

const CHANNEL = 'berth_roles'
const nameOf = ({ projectId, userId }: Part): string => `${projectId}/${userId}`

export function createRoleWatch ({ db, roleOf, notifications, onError }: {
  db: Pick<Database, 'transaction'>
  roleOf: (userId: string, projectId: string) => Promise<ProjectRole | null>
  notifications: Pick<Notifications, 'subscribe'>
  onError: (error: unknown) => void
}): RoleWatch {
  const watches = new Map<string, Set<Watch>>()

  function stop (watch: Watch): boolean {
    const set = watches.get(nameOf(watch))
    const wasWatching = set?.delete(watch) ?? false
    if (set?.size === 0) watches.delete(nameOf(watch))
    return wasWatching
  }

  function tell (watch: Watch, reason: Error): void {
    if (stop(watch)) watch.callback(reason)
  }

  async function check (name: string): Promise<void> {
    const set = [...watches.get(name) ?? []]
    const [first] = set
    if (first === undefined) return
    // Rather somebody too many has to come again than that one stays who may not.
    const role = await roleOf(first.userId, first.projectId).catch((error: unknown) => { onError(error) })
    for (const watch of set) {
      if (watch.role !== role) tell(watch, role === null ? new errors.PROJECT_NOT_FOUND() : new errors.ROLE_CHANGED())
    }
  }

  notifications.subscribe(CHANNEL, {
    onMessage: (name) => void check(name),
    onLost: () => undefined,
    onListening: async () => { for (const name of [...watches.keys()]) await check(name) }
  })

  return {
    watch ({ userId, projectId, role }, callback) {
      const watch: Watch = { userId, projectId, role, callback }
      const name = nameOf(watch)
      watches.set(name, (watches.get(name) ?? new Set()).add(watch))
      // It may have changed since it was asked for. An owner's does so seldom that each of their requests need not ask again.
      if (role !== 'owner') void check(name)
      return () => void stop(watch)
    },
    async change (work) {
      const { value, parts } = await db.transaction(async (transaction) => {
        const change = await work(transaction)
        for (const part of change.parts) await notify(transaction, CHANNEL, nameOf(part))
        return change
      })
      // Of this server's own message it may take a while to hear.
      for (const part of parts) await check(nameOf(part))
      return value
    }
  }
}
