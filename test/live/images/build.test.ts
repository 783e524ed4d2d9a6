import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { BASE_IMAGE, resolveImages, type ImageSpecs } from '../../../src/sandbox/images/resolve.ts'
import { findExtraCertificates, hostCertificateSources } from '../../../src/sandbox/images/certificates.ts'
import { imageReference } from '../../../src/sandbox/images/lookup.ts'
import { removeSupersededImages } from '../../../src/sandbox/images/prune.ts'
import { ensureImages } from '../../../src/setup/images/ensure.ts'
import { createProgress } from '../../../src/setup/progress.ts'
import { imagesDirectory } from '../support/berth.ts'

let docker: DockerClient
let directory: string
let debian: string
/** Names of this run only, so that nothing of the machine's own images is touched. */
let prefix: string

beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  debian = imageReference(await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(process.env))), BASE_IMAGE)
})

afterAll(async () => {
  await docker.close()
})

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'images-'))
  prefix = `test-${randomBytes(4).toString('hex')}`
  await write('base/Dockerfile', `ARG BASE\nFROM $BASE\nLABEL berth.test=${prefix}\n`)
})

afterEach(async () => {
  const built = await docker.images.list({ filters: { label: [`berth.test=${prefix}`] } })
  for (const { Id, RepoTags } of built) {
    for (const reference of RepoTags ?? [Id]) await docker.images.remove(reference)
  }
  await rm(directory, { recursive: true })
})

async function write (path: string, content: string): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true })
  await writeFile(join(directory, path), content)
}

async function ensure (): Promise<{ specs: ImageSpecs, lines: string[] }> {
  const lines: string[] = []
  const specs = await resolveImages(directory, [])
  await ensureImages({
    docker,
    specs,
    env: {},
    debian: async () => debian,
    progress: createProgress({ write: (text) => lines.push(text) })
  })
  return { specs, lines }
}

it('builds what is missing, and the second time nothing', async () => {
  await write(`${prefix}/Dockerfile`, 'ARG BASE\nFROM $BASE\nCOPY file /file\n')
  await write(`${prefix}/file`, 'content')
  const { specs, lines } = await ensure()
  expect(lines.join('')).toContain(`built ${imageReference(specs, prefix)}`)
  const image = await docker.images.inspect(imageReference(specs, prefix))
  expect(image.Config.Labels).toMatchObject({ 'berth.image': prefix })

  expect((await ensure()).lines).toEqual([])
})

it('fails with the folders and steps that failed, after it has built the others', async () => {
  await write(`${prefix}-a/Dockerfile`, 'ARG BASE\nFROM $BASE\nRUN echo before; exit 7\n')
  await write(`${prefix}-b/Dockerfile`, 'ARG BASE\nFROM $BASE\nCOPY missing /\n')
  await write(`${prefix}-c/Dockerfile`, 'ARG BASE\nFROM $BASE\n')
  const error = await ensure().catch((reason: Error) => reason) as Error
  expect(error.message).toMatch(new RegExp(`sandbox-images/${prefix}-a: Step 3/\\d+ : RUN echo before; exit 7: .*non-zero code: 7`))
  expect(error.message).toContain('    before\n')
  expect(error.message).toMatch(new RegExp(`sandbox-images/${prefix}-b: .*missing`))
  const specs = await resolveImages(directory, [])
  await expect(docker.images.inspect(imageReference(specs, `${prefix}-c`))).resolves.toMatchObject({ RepoTags: [imageReference(specs, `${prefix}-c`)] })
})

it('removes what a newer build has replaced, and the stages that it left behind', async () => {
  await write(`${prefix}/Dockerfile`, 'ARG BASE\nFROM $BASE AS packages\nRUN touch /a\nFROM $BASE\nCOPY --from=packages /a /a\n')
  const old = (await ensure()).specs
  await write(`${prefix}/file`, 'changed')
  const { specs } = await ensure()
  const own = new Map([...specs].filter(([name]) => name === prefix))
  const removed = await removeSupersededImages(docker, own)
  expect(removed).toContain(imageReference(old, prefix))
  expect(removed).not.toContain(imageReference(specs, prefix))
  expect(await docker.images.list({ filters: { label: [`berth.test=${prefix}`], dangling: ['true'] } })).toEqual([])
})
