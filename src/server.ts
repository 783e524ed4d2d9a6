import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import closeWithGrace from 'close-with-grace'
import { generateApiKey } from './auth/api-key.ts'
import { openSetupLink } from './auth/setup-link.ts'
import { build } from './app.ts'
import { ConfigError, loadConfig } from './config.ts'
import { EmbeddedDatabaseError } from './db/embedded/errors.ts'
import { DatabaseRefusedError } from './db/wait.ts'
import { DockerError, endpointFromEnv } from './docker/index.ts'
import { publicUrlOf } from './http/public-url.ts'
import { ensurePrivateDirectory, loadOrCreatePrivateFile } from './lib/private-files.ts'
import { LockedError, lockDirectory } from './lib/process-lock.ts'
import { loggerOptions } from './logger.ts'
import { TemplateError } from './projects/core/templates/load.ts'
import { CatalogueError, loadCatalogue } from './sandbox/images/catalogue.ts'
import { findExtraCertificates, hostCertificateSources } from './sandbox/images/certificates.ts'
import { proxyArguments } from './sandbox/images/proxies.ts'
import { resolveImages } from './sandbox/images/resolve.ts'
import { checkImageNames, offeredLanguages } from './sandbox/images/selection.ts'
import { MisfitError } from './projects/lifecycle/binding/errors.ts'
import { welcome } from './welcome.ts'

const CLOSE_DEADLINE_MS = 15_000
const root = path.join(import.meta.dirname, '..')
const imagesDirectory = path.join(root, 'sandbox-images')

/** Load the configuration, build, listen, close with grace: the only file that touches process.*. */
async function main (): Promise<void> {
  const config = loadConfig(process.env, availableParallelism())
  await ensurePrivateDirectory(config.dataDir)
  const lock = await lockDirectory(config.dataDir)
  const keyFile = path.join(config.dataDir, 'api-key')
  const apiKey = config.apiKey ?? await loadOrCreatePrivateFile(keyFile, generateApiKey)
  const setup = await openSetupLink(config.dataDir)
  const catalogue = await loadCatalogue(imagesDirectory)
  checkImageNames(catalogue, config.projects.images.keys())
  const packageJson = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string }
  const app = await build({
    config,
    apiKey,
    setup,
    secretsKeys: config.auth.secretsKeys ?? [await loadOrCreatePrivateFile(path.join(config.dataDir, 'secrets-key'), () => randomBytes(32).toString('base64url'))],
    jwtSecret: config.auth.jwtSecret ?? await loadOrCreatePrivateFile(path.join(config.dataDir, 'jwt-secret'), () => randomBytes(32).toString('base64url')),
    instanceId: await loadOrCreatePrivateFile(path.join(config.dataDir, 'instance-id'), randomUUID),
    dockerOptions: endpointFromEnv(config.docker),
    catalogue: offeredLanguages(catalogue, config.runtimes),
    images: await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(process.env))),
    version: packageJson.version,
    webDirectory: path.join(root, 'dist/web'),
    ...(process.argv.includes('--build') ? { backgroundBuilds: { proxies: proxyArguments(process.env) } } : {}),
    logger: loggerOptions(config.logLevel, process.stdout.isTTY)
  })

  closeWithGrace({ delay: CLOSE_DEADLINE_MS }, async ({ err }) => {
    if (err !== undefined) app.log.fatal({ err }, 'stopping after an error')
    await app.close()
    await lock.release()
  })

  await app.listen({ host: config.host, port: config.port })
  // Previews are below this name, and a sign-in counts for one name only: at 127.0.0.1 they would ask for another.
  const url = publicUrlOf(app.server, config.previews)
  const isUnclaimed = await app.auth.isUnclaimed()
  const link = isUnclaimed ? { link: await setup.write(url), file: setup.file } : undefined
  if (link === undefined) await setup.remove()
  else app.log.info(`there is no administrator yet: the link that makes one is in ${link.file}`)
  if (process.argv.includes('--welcome')) {
    await app.runtime.readiness.settled
    const keyOrigin = config.apiKey === undefined ? keyFile : undefined
    process.stdout.write(welcome({ url, origin: app.listeningOrigin, isTerminal: process.stdout.isTTY, apiKey, keyFile: keyOrigin, setup: link }))
  }
}

main().catch((error: unknown) => {
  // What the operator can mend is one line; anything else keeps its stack.
  const isPlain = [ConfigError, CatalogueError, TemplateError, LockedError, DockerError, EmbeddedDatabaseError, DatabaseRefusedError, MisfitError].some((type) => error instanceof type) || isListenError(error)
  process.stderr.write(`berth: ${isPlain ? (error as Error).message : String(error instanceof Error ? error.stack : error)}\n`)
  process.exit(1)
})

function isListenError (error: unknown): error is Error {
  return error instanceof Error && ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND'].includes((error as NodeJS.ErrnoException).code ?? '')
}
