import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import semver from 'semver'
import { createDockerClient, endpointFromEnv, type ImageInspect } from '../../src/docker/index.ts'
import { percentiles } from '../../src/lib/percentiles.ts'
import type { ExecuteResult } from '../../src/runtime/runs/execute-schemas.ts'
import { loadCatalogue, type Runtime } from '../../src/sandbox/images/catalogue.ts'
import { findExtraCertificates, hostCertificateSources } from '../../src/sandbox/images/certificates.ts'
import { resolveImages } from '../../src/sandbox/images/resolve.ts'
import { loadSmoke } from '../../src/sandbox/images/smoke.ts'
import { root } from '../documents/documents.ts'
import { languageTable, type Measured } from '../documents/language-table.ts'
import { withSection } from '../documents/markdown.ts'
import { LANGUAGES_DOCUMENT } from '../documents/sections.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { waitFor } from '../support/wait-for.ts'
import type { Print } from './measure.ts'

const imagesDirectory = path.join(root, 'sandbox-images')
const WARM_ROUNDS = 7
const COLD_ROUNDS = 3
const READY_DEADLINE_MS = 120_000

interface Timing {
  readonly totalMs: number
  readonly result: ExecuteResult
}

async function runSmoke (server: ServerProcess, runtime: Runtime): Promise<Timing> {
  const { files, input, output } = await loadSmoke(runtime)
  const start = performance.now()
  const response = await fetch(`${server.origin}/api/execute`, {
    method: 'POST',
    headers: { 'X-API-Key': server.key, 'Content-Type': 'application/json' },
    body: JSON.stringify({ language: runtime.language, files, input })
  })
  const result = await response.json() as ExecuteResult
  if (response.status !== 200 || result.output !== output) throw new Error(`${runtime.language}: ${response.status} ${JSON.stringify(result)}`)
  return { totalMs: performance.now() - start, result }
}

async function runAll (env: Record<string, string>, runtimes: readonly Runtime[], rounds: number): Promise<Map<string, Timing[]>> {
  const server = await startServerProcess(env)
  try {
    await waitFor('all languages', async () => {
      const { languages } = await (await fetch(`${server.origin}/api/languages`)).json() as { languages: Array<{ ready: boolean }> }
      return languages.every(({ ready }) => ready)
    }, READY_DEADLINE_MS)
    const timings = new Map<string, Timing[]>()
    for (const runtime of runtimes) {
      const samples: Timing[] = []
      for (let round = 0; round < rounds; round++) samples.push(await runSmoke(server, runtime))
      timings.set(runtime.language, samples)
    }
    return timings
  } finally {
    await server.stop()
  }
}

/** What each image adds to those that it is built on, in bytes, by its name. */
async function measureSizes (): Promise<Map<string, number>> {
  const images = await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(process.env)))
  const docker = createDockerClient(endpointFromEnv(process.env))
  try {
    const seen: ImageInspect[] = []
    const added = new Map<string, number>()
    for (const { name, reference } of images.values()) {
      const image = await docker.images.inspect(reference)
      const below = seen.filter((other) => isBuiltOn(image, other)).map(({ Size }) => Size)
      added.set(name, image.Size - Math.max(0, ...below))
      seen.push(image)
    }
    return added
  } finally {
    await docker.close()
  }
}

/** A stage that is only copied from shares no layers. */
function isBuiltOn ({ RootFS: { Layers } }: ImageInspect, other: ImageInspect): boolean {
  const layers = other.RootFS.Layers ?? []
  return layers.length > 0 && layers.every((layer, i) => layer === Layers?.[i])
}

const p50 = (values: number[]): string => (percentiles(values).p50 ?? 0).toFixed(0)

function describe (warm: readonly Timing[], cold: readonly Timing[], addedBytes: number): Measured {
  const samples = warm.slice(1)
  const version = semver.coerce(samples[0]?.result.version)
  const compiler = samples.map(({ result }) => result.compile?.executionTime).filter((ms) => ms !== undefined)
  return {
    version: version === null ? '' : `${version.major}.${version.minor}`,
    warm: p50(samples.map(({ totalMs }) => totalMs)),
    compiler: compiler.length === 0 ? '' : p50(compiler),
    cold: p50(cold.map(({ totalMs }) => totalMs)),
    addedMb: (addedBytes / 1e6).toFixed(0)
  }
}

/** Each language's smoke program, warm and in a container that is started for it: writes the table of languages. */
export async function benchLanguages (print: Print): Promise<void> {
  const { runtimes } = await loadCatalogue(imagesDirectory)
  const warm = await runAll({}, runtimes, WARM_ROUNDS)
  const cold = await runAll({ POOL_MEMORY: '1', SANDBOX_REUSE: 'never' }, runtimes, COLD_ROUNDS)
  const sizes = await measureSizes()
  const totalBytes = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
  const measured = new Map(runtimes.map(({ language }) =>
    [language, describe(warm.get(language) ?? [], cold.get(language) ?? [], sizes.get(language) ?? 0)]))
  const table = languageTable(runtimes, measured, (totalBytes / 1e9).toFixed(1))
  print(table)
  await writeFile(LANGUAGES_DOCUMENT, withSection(await readFile(LANGUAGES_DOCUMENT, 'utf8'), 'languages', table))
}
