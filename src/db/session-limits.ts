import type { DatabaseClient } from './client.ts'

/** Of sessions that say something every second: the server ends one that has been silent for so long, with its locks. */
export const IDLE_SESSION_MS = 15_000

/** For a session that is to end with the machine that has it. PostgreSQL before 14 does without: there TCP keepalives alone notice. */
export async function limitSession (client: DatabaseClient): Promise<void> {
  await client.query("select set_config(name, $1, false) from pg_settings where name = 'idle_session_timeout'", [String(IDLE_SESSION_MS)])
}
