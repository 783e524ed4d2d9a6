import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { compareSchemas } from '../../../src/db/migrations.ts'

const folder = path.join(import.meta.dirname, '../../../migrations')
/** What a server of the version before still needs, or would fail on: https://martinfowler.com/bliki/ParallelChange.html. */
const CONTRACTING = /\bdrop (table|column|constraint|sequence|function|trigger|type|view|schema)\b|\brename\b|\bset not null\b|\bset data type\b|\balter column \S+ type\b|\btruncate\b/i
/** Of before the first release, whose servers nobody runs beside newer ones; a later one is the second half of one that is out, and says so here. */
const ALLOWED = ['0002_sessions.sql', '0015_identities.sql', '0019_members.sql']

const contracts = (sql: string): boolean => sql.split('--> statement-breakpoint').some((statement) => CONTRACTING.test(statement.replace(/--.*$/gm, '').replace(/'[^']*'/g, "''")))

describe('migrations', () => {
  it('only add, so that servers of the version before live on while they run', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.sql')).sort()
    expect(names.length).toBeGreaterThan(19)
    expect(names.filter((name) => contracts(readFileSync(path.join(folder, name), 'utf8')))).toEqual(ALLOWED)
  })

  it.each([
    ['ALTER TABLE "users" DROP COLUMN "name";', true],
    ['DROP TABLE "users";', true],
    ['ALTER TABLE "users" RENAME COLUMN "a" TO "b";', true],
    ['ALTER TABLE "users" ALTER COLUMN "a" SET NOT NULL;', true],
    ['ALTER TABLE "users" ALTER COLUMN "a" SET DATA TYPE bigint;', true],
    ['ALTER TABLE "users" DROP CONSTRAINT "a";', true],
    ['ALTER TABLE "users" ADD COLUMN "a" text;', false],
    ['ALTER TABLE "users" ADD COLUMN "a" text DEFAULT \'drop table\' NOT NULL;', false],
    ['DROP INDEX "a";--> statement-breakpoint\nCREATE INDEX "a" ON "users" ("b");', false],
    ['-- drop table later\nCREATE TABLE "a" ("b" text NOT NULL);', false]
  ])('%s contracts: %s', (sql, expected) => expect(contracts(sql)).toBe(expected))
})

describe('the schema of a database', () => {
  const known = ['a', 'b'].map((hash) => ({ hash, madeAt: 0, statements: [] }))

  it.each([[['a', 'b'], 'same'], [['a'], 'older'], [[], 'older'], [['a', 'b', 'c'], 'newer'], [['a', 'x'], 'newer'], [['b'], 'newer']])('with the migrations %j is %s', (applied, age) => {
    expect(compareSchemas(applied, known)).toBe(age)
  })
})
