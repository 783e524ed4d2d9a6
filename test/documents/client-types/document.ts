import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { build } from '../../../src/app.ts'
import { openSetupLink } from '../../../src/auth/setup-link.ts'
import { loadConfig } from '../../../src/config.ts'
import { loadCatalogue } from '../../../src/sandbox/images/catalogue.ts'
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts'
import { root } from '../documents.ts'
import type { OpenApiDocument } from './print.ts'

/** The server's own OpenAPI document. It needs a database, its embedded one, but no Engine and no port. */
export async function readOpenApi (): Promise<OpenApiDocument> {
  const dataDir = await makeDataDir()
  const app = await build({
    config: loadConfig({ PORT: '0', DATA_DIR: dataDir }, 2),
    apiKey: `brt_${randomUUID()}`,
    setup: await openSetupLink(dataDir),
    jwtSecret: randomUUID(),
    secretsKeys: [randomUUID()],
    instanceId: randomUUID(),
    dockerOptions: { host: `unix://${path.join(dataDir, 'no-engine.sock')}` },
    catalogue: await loadCatalogue(path.join(root, 'sandbox-images')),
    images: new Map(),
    version: '0.0.0',
    logger: false
  })
  try {
    await app.ready()
    return app.swagger() as unknown as OpenApiDocument
  } finally {
    await app.close()
    await removeDataDir(dataDir)
  }
}
