import { access, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { waitFor } from './wait-for.ts'

export async function makeDataDir (): Promise<string> {
  return await mkdtemp(path.join(tmpdir(), 'berth-data-'))
}

/** Removes a data directory and the database that it leads to, when that has ended. */
export async function removeDataDir (dataDir: string): Promise<void> {
  const database = await realpath(path.join(dataDir, 'postgres')).catch(() => undefined)
  if (database !== undefined) {
    const pidFile = path.join(database, 'data/postmaster.pid')
    await waitFor('the database to end', async () => await access(pidFile).then(() => false, () => true))
    await rm(database, { recursive: true })
  }
  await rm(dataDir, { recursive: true, force: true })
}
