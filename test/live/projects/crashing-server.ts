import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { build } from '../../../src/app.ts'
import { loadConfig } from '../../../src/config.ts'
import { endpointFromEnv } from '../../../src/docker/index.ts'
import { loadCatalogue } from '../../../src/sandbox/images/catalogue.ts'
import { findExtraCertificates, hostCertificateSources } from '../../../src/sandbox/images/certificates.ts'
import { resolveImages } from '../../../src/sandbox/images/resolve.ts'

// A server that dies between two steps. It lists no languages and so keeps no run sandboxes: nobody would take them away.
const imagesDirectory = path.join(import.meta.dirname, '../../../sandbox-images')
const { TEST_STEP, TEST_LEASE_MS, ...env } = process.env
const config = loadConfig({ ...env, PORT: '0', PROJECT_TOOLS: 'off', LOG_LEVEL: 'error' }, 2)
const { find } = await loadCatalogue(imagesDirectory)
const app = await build({
  config,
  apiKey: `brt_${randomUUID()}`,
  jwtSecret: randomUUID(),
  secretsKeys: [randomUUID()],
  instanceId: randomUUID(),
  dockerOptions: endpointFromEnv(config.docker),
  catalogue: { runtimes: [], find },
  images: await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(process.env))),
  version: '0.0.0-test',
  logger: { level: config.logLevel },
  lifecycle: {
    leaseMs: Number(TEST_LEASE_MS),
    onStep: (step) => {
      if (step === TEST_STEP) process.kill(process.pid, 'SIGKILL')
    }
  }
})
process.once('SIGTERM', () => void app.close())
await app.listen({ host: config.host, port: config.port })
process.stdout.write(`${app.listeningOrigin}\n`)
