import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Database } from '../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../db/page.ts'
import { apiKeys, assignments, authSessions, executionSessions, projectClones, projectGitCredentials, projectMembers, projects, projectServices, projectVariables, snapshots, sshKeys, userIdentities, users } from '../../db/schema/index.ts'
import { listAuditEvents, type AuditCursor } from '../audit/repo.ts'

const PAGE = 200
/** Of one user they have no number but their project's. */
const membershipOrder = { createdAt: projectMembers.createdAt, id: projectMembers.projectId }

/** Row after row, a page at a time: somebody may have a hundred thousand runs. */
async function * rowsOf<Row extends Cursor> (list: (after: Cursor | undefined) => Promise<Row[]>): AsyncGenerator<Row> {
  let after: Cursor | undefined
  do {
    const rows = await list(after)
    yield * rows
    after = rows.length === PAGE ? rows.at(-1) : undefined
  } while (after !== undefined)
}

export type Section = readonly [name: string, content: object | AsyncIterable<object>]

/** All that is kept of somebody but what proves who they are, secrets, and what their programs and files hold. */
export function * exportOf (db: Database, userId: string): Generator<Section | Promise<Section>> {
  yield profile()
  yield ['identities', rowsOf(async (after) => await db.select({ id: userIdentities.id, issuer: userIdentities.issuer, subject: userIdentities.subject, createdAt: userIdentities.createdAt })
    .from(userIdentities).where(pageAfter(userIdentities, after, eq(userIdentities.userId, userId))).orderBy(...newestFirst(userIdentities)).limit(PAGE))]
  yield ['keys', rowsOf(async (after) => await db.select({ id: apiKeys.id, name: apiKeys.name, prefix: apiKeys.prefix, createdAt: apiKeys.createdAt, expiresAt: apiKeys.expiresAt, lastUsedAt: apiKeys.lastUsedAt })
    .from(apiKeys).where(pageAfter(apiKeys, after, eq(apiKeys.userId, userId))).orderBy(...newestFirst(apiKeys)).limit(PAGE))]
  yield ['sshKeys', rowsOf(async (after) => await db.select({ id: sshKeys.id, name: sshKeys.name, type: sshKeys.type, fingerprint: sql<string>`'SHA256:' || rtrim(encode(${sshKeys.fingerprint}, 'base64'), '=')`, createdAt: sshKeys.createdAt, lastUsedAt: sshKeys.lastUsedAt })
    .from(sshKeys).where(pageAfter(sshKeys, after, eq(sshKeys.userId, userId))).orderBy(...newestFirst(sshKeys)).limit(PAGE))]
  yield ['sessions', rowsOf(async (after) => await db.select({ id: authSessions.id, createdAt: authSessions.createdAt, expiresAt: authSessions.expiresAt, ip: authSessions.ip, userAgent: authSessions.userAgent })
    .from(authSessions).where(pageAfter(authSessions, after, eq(authSessions.userId, userId))).orderBy(...newestFirst(authSessions)).limit(PAGE))]
  yield ['projects', projectsWhole()]
  yield ['memberships', rowsOf(async (after) => await db.select({ id: projectMembers.projectId, role: projectMembers.role, createdAt: projectMembers.createdAt })
    .from(projectMembers).where(pageAfter(membershipOrder, after, eq(projectMembers.userId, userId))).orderBy(...newestFirst(membershipOrder)).limit(PAGE))]
  yield ['assignments', rowsOf(async (after) => await db.select({ id: assignments.id, name: assignments.name, runtime: assignments.runtime, network: assignments.network, createdAt: assignments.createdAt, dueAt: assignments.dueAt, closedAt: assignments.closedAt })
    .from(assignments).where(pageAfter(assignments, after, eq(assignments.teacherId, userId))).orderBy(...newestFirst(assignments)).limit(PAGE))]
  yield ['snapshots', rowsOf(async (after) => await db.select({ id: snapshots.id, projectId: snapshots.projectId, name: snapshots.name, kind: snapshots.kind, size: snapshots.size, files: snapshots.files, createdAt: snapshots.createdAt })
    .from(snapshots).innerJoin(projects, eq(projects.id, snapshots.projectId))
    .where(pageAfter(snapshots, after, sql`${projects.userId} = ${userId} and ${snapshots.state} = 'complete'`)).orderBy(...newestFirst(snapshots)).limit(PAGE))]
  yield ['runs', runs()]
  yield ['audit', events()]

  async function profile (): Promise<Section> {
    const [user] = await db.select({ id: users.id, email: users.email, emailVerifiedAt: users.emailVerifiedAt, name: users.name, role: users.role, createdAt: users.createdAt }).from(users).where(eq(users.id, userId))
    return ['user', user ?? {}]
  }

  async function * projectsWhole (): AsyncGenerator<object> {
    const { id, name, runtime, status, previews, network, memoryBytes, cpus, createdAt, updatedAt, lastActiveAt } = projects
    const rows = rowsOf(async (after) => await db.select({ id, name, runtime, status, previews, network, memoryBytes, cpus, createdAt, updatedAt, lastActiveAt })
      .from(projects).where(pageAfter(projects, after, and(eq(projects.userId, userId), isNull(projects.deletedAt)) ?? sql`false`)).orderBy(...newestFirst(projects)).limit(PAGE))
    for await (const project of rows) {
      const [repository] = await db.select({ url: projectClones.url, ref: projectClones.ref, commit: projectClones.commit }).from(projectClones).where(eq(projectClones.projectId, project.id))
      // What is sealed does not leave the database.
      const variables = await db.select({ name: projectVariables.name, isSecret: projectVariables.isSecret, value: sql<Buffer | null>`case when ${projectVariables.isSecret} then null else ${projectVariables.value} end` })
        .from(projectVariables).where(eq(projectVariables.projectId, project.id)).orderBy(asc(projectVariables.name))
      yield {
        ...project,
        repository: repository ?? null,
        services: await db.select({ name: projectServices.name, spec: projectServices.spec }).from(projectServices).where(eq(projectServices.projectId, project.id)).orderBy(asc(projectServices.name)),
        gitCredentials: await db.select({ host: projectGitCredentials.host, username: projectGitCredentials.username }).from(projectGitCredentials).where(eq(projectGitCredentials.projectId, project.id)).orderBy(asc(projectGitCredentials.host)),
        env: Object.fromEntries(variables.filter(({ isSecret }) => !isSecret).map(({ name, value }) => [name, value?.toString() ?? ''])),
        secrets: variables.filter(({ isSecret }) => isSecret).map(({ name }) => name)
      }
    }
  }

  async function * runs (): AsyncGenerator<object> {
    const { id, projectId, language, version, isInteractive, status, message, exitCode, signal, executionTime, cpuTime, memory, createdAt, startedAt, finishedAt } = executionSessions
    yield * rowsOf(async (after) => await db.select({ id, projectId, language, version, isInteractive, status, message, exitCode, signal, executionTime, cpuTime, memory, createdAt, startedAt, finishedAt })
      .from(executionSessions).where(pageAfter(executionSessions, after, eq(executionSessions.userId, userId))).orderBy(...newestFirst(executionSessions)).limit(PAGE))
  }

  async function * events (): AsyncGenerator<object> {
    let after: AuditCursor | undefined
    do {
      const rows = await listAuditEvents(db, { userId }, { limit: PAGE, after })
      yield * rows
      after = rows.length === PAGE ? rows.at(-1) : undefined
    } while (after !== undefined)
  }
}
