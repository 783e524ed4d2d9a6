import { randomUUID } from 'node:crypto'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { inject } from 'vitest'
import { build } from '../../../src/app.ts'
import { openSetupLink } from '../../../src/auth/setup-link.ts'
import { loadConfig, type Config } from '../../../src/config.ts'
import { endpointFromEnv } from '../../../src/docker/index.ts'
import { loadCatalogue, type Catalogue } from '../../../src/sandbox/images/catalogue.ts'
import { findExtraCertificates, hostCertificateSources } from '../../../src/sandbox/images/certificates.ts'
import { resolveImages, type ImageSpecs } from '../../../src/sandbox/images/resolve.ts'
import { offeredLanguages } from '../../../src/sandbox/images/selection.ts'
import type { ProjectsOptions } from '../../../src/projects/index.ts'
import type { ExecuteResult } from '../../../src/runtime/runs/execute-schemas.ts'
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts'
import { createDatabase } from '../../support/test-database.ts'
import type { Variables } from '../../support/variables.ts'

export const root = path.join(import.meta.dirname, '../../..')
export const imagesDirectory = path.join(root, 'sandbox-images')

// A sandbox is kept warm for each, so that all of them would make every test file wait; RUNTIMES asks for others.
const FEW_LANGUAGES = ['python', 'javascript', 'bun']

export interface ErrorBody {
  statusCode: number
  code: string
  error: string
  message: string
  requestId: string
  details?: Array<{ field: string, message: string }>
}

/** What tests set where no variable does, by group. */
export type Settings = { readonly [Group in keyof Config]?: Partial<Config[Group]> }

/** The configuration with some of its settings changed. */
function withSettings (config: Config, settings: Settings): Config {
  const changed = Object.entries(settings).map(([group, values]) => [group, { ...config[group as keyof Config] as object, ...values as object }])
  return { ...config, ...Object.fromEntries(changed) as Partial<Config> }
}

export type Berth = Awaited<ReturnType<typeof startBerth>>

/**
 * A whole Berth in this process, listening on a free port, with a data directory, a database and a key of its own.
 * An empty DATABASE_URL makes it start its embedded database.
 */
export async function startBerth (env: Variables = {}, overrides: { catalogue?: Catalogue, images?: ImageSpecs, lifecycle?: ProjectsOptions['lifecycle'], webDirectory?: string, settings?: Settings } = {}) {
  const dataDir = await makeDataDir()
  const key = env.API_KEY ?? `brt_${randomUUID()}`
  const database = env.DATABASE_URL === undefined ? await createDatabase(inject('databaseServerUrl')) : undefined
  const config = withSettings(
    // Else each test would need the images of projects, which few are about.
    loadConfig({ PORT: '0', DATA_DIR: dataDir, PROJECT_TOOLS: 'off', LOG_LEVEL: 'warn', ...(database === undefined ? {} : { DATABASE_URL: database.url }), ...env }, 2),
    overrides.settings ?? {}
  )
  const instanceId = randomUUID()
  const setup = await openSetupLink(dataDir)
  let built: FastifyInstance | undefined
  const stop = async (): Promise<void> => {
    await built?.close()
    await database?.drop()
    await removeDataDir(dataDir)
  }
  const start = async () => {
    const app = built = await build({
      config,
      apiKey: key,
      setup,
      jwtSecret: env.JWT_SECRET ?? randomUUID(),
      secretsKeys: config.auth.secretsKeys ?? [randomUUID()],
      instanceId,
      dockerOptions: endpointFromEnv({ DOCKER_HOST: process.env.DOCKER_HOST, ...env }),
      catalogue: overrides.catalogue ?? offeredLanguages(await loadCatalogue(imagesDirectory), config.runtimes ?? FEW_LANGUAGES),
      images: overrides.images ?? await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(process.env))),
      version: '0.0.0-test',
      ...(overrides.lifecycle === undefined ? {} : { lifecycle: overrides.lifecycle }),
      ...(overrides.webDirectory === undefined ? {} : { webDirectory: overrides.webDirectory }),
      logger: { level: config.logLevel }
    })
    await app.listen({ host: config.host, port: config.port })
    await app.runtime.readiness.settled
    return app
  }
  const app = await start().catch(async (error: unknown) => {
    await stop()
    throw error
  })
  const origin = app.listeningOrigin
  const setupToken = (await setup.write(origin)).split('#')[1] ?? ''

  const headers = { 'X-API-Key': key, 'Content-Type': 'application/json' }
  return {
    app,
    origin,
    key,
    instanceId,
    setupToken,
    post: async (body: unknown, init: RequestInit = {}) =>
      await fetch(`${origin}/api/execute`, { method: 'POST', headers, body: JSON.stringify(body), ...init }),
    /** Runs a program and insists on a 200. */
    execute: async (body: Record<string, unknown>): Promise<ExecuteResult> => {
      const response = await fetch(`${origin}/api/execute`, { method: 'POST', headers, body: JSON.stringify(body) })
      const answer: unknown = await response.json()
      if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(answer)}`)
      return answer as ExecuteResult
    },
    get: async (route: string) => await fetch(origin + route, { headers: { 'X-API-Key': key } }),
    stop
  }
}
