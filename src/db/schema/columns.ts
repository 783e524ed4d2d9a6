import { customType, timestamp } from 'drizzle-orm/pg-core'

/** UTC, in milliseconds: what a JavaScript Date can hold, so that a cursor made of it finds its row again. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' })

export const createdAt = () => instant('created_at').notNull().defaultNow()

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
