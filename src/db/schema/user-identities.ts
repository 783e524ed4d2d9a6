import { check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { lengthBetween } from './checks.ts'
import { createdAt } from './columns.ts'
import { users } from './users.ts'

/** Who somebody is to an OpenID Connect provider: its issuer and its subject, which never change, where an email does. */
export const userIdentities = pgTable('user_identities', {
  id: uuid('id').primaryKey().defaultRandom(),
  userId: uuid('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  issuer: text('issuer').notNull(),
  subject: text('subject').notNull(),
  createdAt: createdAt()
}, (table) => [
  uniqueIndex('user_identities_subject').on(table.issuer, table.subject),
  index('user_identities_user').on(table.userId, table.createdAt, table.id),
  check('user_identities_issuer_length', lengthBetween(table.issuer, 1, 1000)),
  check('user_identities_subject_length', lengthBetween(table.subject, 1, 255))
])
