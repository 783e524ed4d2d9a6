import { access, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { loadConfig, type Config } from '../config.ts'
import { joinEmbeddedDatabase, type EmbeddedDatabase } from '../db/embedded/index.ts'
import { waitForDatabase } from '../db/wait.ts'
import { OperationError } from './errors.ts'

const root = path.join(import.meta.dirname, '../..')
export const imagesDirectory = path.join(root, 'sandbox-images')
export const migrationsFolder = path.join(root, 'migrations')
const PATIENCE_MS = 10_000
export const silent = { debug: () => undefined, warn: () => undefined }

export const readSettings = (env: NodeJS.ProcessEnv): Config => loadConfig(env, availableParallelism())

export async function readVersion (): Promise<string> {
  return (JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string }).version
}

/** The server's database, whether the server runs or not. Throws OperationError where there is none yet. */
export async function joinDatabase ({ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>): Promise<EmbeddedDatabase> {
  if (databaseUrl !== undefined) {
    const address = { url: databaseUrl }
    await waitForDatabase(address, { patienceMs: PATIENCE_MS, onWait: () => undefined })
    return { address, stop: async () => undefined }
  }
  if (!await access(path.join(dataDir, 'postgres')).then(() => true, () => false)) {
    throw new OperationError(`there is no database in ${path.resolve(dataDir)}: set DATA_DIR, or DATABASE_URL, as the server has it`)
  }
  return await joinEmbeddedDatabase(dataDir, silent)
}

/** Variables that give the server keys, in place of files in DATA_DIR. */
export function keysFromEnvironment ({ apiKey, auth }: Pick<Config, 'apiKey' | 'auth'>): string[] {
  const given = { API_KEY: apiKey, JWT_SECRET: auth.jwtSecret, SECRETS_KEY: auth.secretsKeys }
  return Object.entries(given).flatMap(([name, value]) => value === undefined ? [] : [name])
}
