import { and, asc, count, eq, getTableColumns, isNull, sql } from 'drizzle-orm'
import type { Querying } from '../../db/open.ts'
import { newestFirst, pageAfter, type Cursor } from '../../db/page.ts'
import { assignmentCopies, assignments } from '../../db/schema/assignments.ts'
import { projects } from '../../db/schema/projects.ts'
import { snapshots } from '../../db/schema/snapshots.ts'
import { users } from '../../db/schema/users.ts'

export type AssignmentRow = typeof assignments.$inferSelect
export type CountedAssignment = AssignmentRow & { readonly copies: number }
export type NewAssignment = Pick<AssignmentRow, 'teacherId' | 'name' | 'runtime' | 'network' | 'memoryBytes' | 'cpus' | 'hash' | 'dueAt'>

export interface Person {
  readonly id: string
  readonly email: string | null
  readonly name: string | null
}

/** A project that is somebody's copy. */
export interface CopyRow extends Cursor {
  readonly project: typeof projects.$inferSelect
  readonly owner: Person
  readonly snapshotAt: Date | null
}

/** What its owner is told of it. */
export interface OwnCopyRow extends Pick<AssignmentRow, 'name' | 'dueAt' | 'closedAt'> {
  readonly project: string
}

interface Page {
  readonly limit: number
  readonly cursor: Cursor | undefined
}

// Written out: a column alone would be taken for the other table's.
const copies = sql<number>`(select count(*) from assignment_copies copy join projects on projects.id = copy.project_id where copy.assignment_id = assignments.id and projects.deleted_at is null)`.mapWith(Number)
const counted = { ...getTableColumns(assignments), copies }
const ofTeacher = (teacherId: string, id: string) => and(eq(assignments.id, id), eq(assignments.teacherId, teacherId))

/** Undefined where the teacher has so many already. */
export async function createAssignment (transaction: Querying, assignment: NewAssignment, most: number): Promise<AssignmentRow | undefined> {
  // One at a time for each teacher, or two would both find the last place free.
  await transaction.select({ id: users.id }).from(users).where(eq(users.id, assignment.teacherId)).for('update')
  const [sum] = await transaction.select({ count: count() }).from(assignments).where(eq(assignments.teacherId, assignment.teacherId))
  if (sum === undefined || sum.count >= most) return undefined
  const [row] = await transaction.insert(assignments).values(assignment).returning()
  return row
}

export async function findAssignment (db: Querying, teacherId: string, id: string): Promise<CountedAssignment | undefined> {
  const [row] = await db.select(counted).from(assignments).where(ofTeacher(teacherId, id))
  return row
}

/** The newest first. */
export async function listAssignments (db: Querying, teacherId: string, { limit, cursor }: Page): Promise<CountedAssignment[]> {
  return await db.select(counted).from(assignments)
    .where(pageAfter(assignments, cursor, sql`${assignments.teacherId} = ${teacherId}`))
    .orderBy(...newestFirst(assignments))
    .limit(limit)
}

/** False if the teacher has no such assignment. */
export async function changeAssignment (db: Querying, teacherId: string, id: string, changes: Partial<Pick<AssignmentRow, 'name' | 'hash' | 'dueAt' | 'closedAt'>>): Promise<boolean> {
  return (await db.update(assignments).set(changes).where(ofTeacher(teacherId, id)).returning({ id: assignments.id })).length > 0
}

export async function deleteAssignment (db: Querying, teacherId: string, id: string): Promise<boolean> {
  return (await db.delete(assignments).where(ofTeacher(teacherId, id)).returning({ id: assignments.id })).length > 0
}

export async function findByLink (db: Querying, hash: Buffer): Promise<AssignmentRow | undefined> {
  const [row] = await db.select().from(assignments).where(eq(assignments.hash, hash))
  return row
}

/** One copy is made at a time, so that none is made of what is closed meanwhile. */
export async function lockAssignment (transaction: Querying, id: string): Promise<AssignmentRow | undefined> {
  const [row] = await transaction.select().from(assignments).where(eq(assignments.id, id)).for('update')
  return row
}

export async function findTemplate (transaction: Querying, assignmentId: string) {
  const [row] = await transaction.select().from(snapshots).where(eq(snapshots.assignmentId, assignmentId)).for('share')
  return row
}

/** The project that is somebody's copy; undefined if there is none, or it has been deleted. */
export async function findCopy (db: Querying, assignmentId: string, userId: string): Promise<string | undefined> {
  const [row] = await db.select({ projectId: assignmentCopies.projectId }).from(assignmentCopies)
    .innerJoin(projects, and(eq(projects.id, assignmentCopies.projectId), isNull(projects.deletedAt)))
    .where(and(eq(assignmentCopies.assignmentId, assignmentId), eq(assignmentCopies.userId, userId)))
  return row?.projectId
}

/** In place of one that is being deleted. */
export async function putCopy (transaction: Querying, copy: typeof assignmentCopies.$inferInsert): Promise<void> {
  await transaction.insert(assignmentCopies).values(copy)
    .onConflictDoUpdate({ target: [assignmentCopies.assignmentId, assignmentCopies.userId], set: { projectId: copy.projectId } })
}

export async function countCopies (db: Querying, assignmentId: string): Promise<number> {
  const [row] = await db.select({ copies: count() }).from(assignmentCopies).where(eq(assignmentCopies.assignmentId, assignmentId))
  return row?.copies ?? 0
}

const newestSnapshot = sql<Date | null>`(select max(taken.created_at) from snapshots taken where taken.project_id = projects.id and taken.state = 'complete')`.mapWith(snapshots.createdAt)
const copy = { project: projects, owner: { id: users.id, email: users.email, name: users.name }, snapshotAt: newestSnapshot, createdAt: projects.createdAt, id: projects.id }

/** The newest first. */
export async function listCopies (db: Querying, assignmentId: string, { limit, cursor }: Page): Promise<CopyRow[]> {
  return await db.select(copy).from(assignmentCopies)
    .innerJoin(projects, and(eq(projects.id, assignmentCopies.projectId), isNull(projects.deletedAt)))
    .innerJoin(users, eq(users.id, projects.userId))
    .where(pageAfter(projects, cursor, sql`${assignmentCopies.assignmentId} = ${assignmentId}`))
    .orderBy(...newestFirst(projects))
    .limit(limit)
}

/** All of them, by their owners' emails. */
export async function listAllCopies (db: Querying, assignmentId: string): Promise<CopyRow[]> {
  return await db.select(copy).from(assignmentCopies)
    .innerJoin(projects, and(eq(projects.id, assignmentCopies.projectId), isNull(projects.deletedAt)))
    .innerJoin(users, eq(users.id, projects.userId))
    .where(eq(assignmentCopies.assignmentId, assignmentId))
    .orderBy(asc(users.email), asc(users.id))
}

/** Of everything that somebody has opened, as far as it is there. */
export async function listOwnCopies (db: Querying, userId: string): Promise<OwnCopyRow[]> {
  return await db.select({ project: projects.id, name: assignments.name, dueAt: assignments.dueAt, closedAt: assignments.closedAt }).from(assignmentCopies)
    .innerJoin(projects, and(eq(projects.id, assignmentCopies.projectId), isNull(projects.deletedAt)))
    .innerJoin(assignments, eq(assignments.id, assignmentCopies.assignmentId))
    .where(eq(assignmentCopies.userId, userId))
    .orderBy(asc(assignments.dueAt), asc(projects.id))
}
