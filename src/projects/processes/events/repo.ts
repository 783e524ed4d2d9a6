import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import type { Database } from '../../../db/open.ts'
import { containerInstances } from '../../../db/schema/container-instances.ts'

export type FollowersRepo = ReturnType<typeof createFollowersRepo>

/** Which server tells of the processes in a container, and how far it has come: the next one goes on there. */
export function createFollowersRepo (db: Database) {
  const { projectId, containerId, followerId, toldChange, state } = containerInstances

  return {
    find: async (container: string): Promise<{ projectId: string, followerId: string | null } | undefined> =>
      (await db.select({ projectId, followerId }).from(containerInstances).where(eq(containerInstances.containerId, container)))[0],

    /** Takes over from that one. Returns the last change that was told; undefined if somebody else was faster. */
    claim: async (container: string, serverId: string, previous: string | null): Promise<number | undefined> => {
      const rows = await db.update(containerInstances)
        .set({ followerId: serverId })
        .where(and(eq(containerId, container), previous === null ? isNull(followerId) : eq(followerId, previous)))
        .returning({ toldChange })
      return rows[0]?.toldChange
    },

    /** Tells it in the one statement that notes it: never twice. False when another server follows, or the container is gone. */
    tell: async (container: string, serverId: string, change: number, data: object): Promise<boolean> => {
      const { rows } = await db.execute(sql`
        with told as (
          update container_instances set told_change = ${change}
          where container_id = ${container} and follower_id = ${serverId} and told_change < ${change}
          returning project_id
        )
        select publish_event('process', project_id, ${JSON.stringify(data)} :: json) from told`)
      return rows.length > 0
    },

    listFollowed: async (): Promise<Array<{ containerId: string, followerId: string }>> =>
      await db.select({ containerId, followerId: sql<string>`${followerId}` }).from(containerInstances).where(and(eq(state, 'running'), isNotNull(followerId)))
  }
}
