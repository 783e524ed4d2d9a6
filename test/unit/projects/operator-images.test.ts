import { afterEach, beforeEach, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { createOperatorImages, type OperatorImages } from '../../../src/projects/core/operator-images.ts'
import { startFakeEngine, type FakeEngine } from '../../support/fake-engine.ts'
import { waitFor } from '../../support/wait-for.ts'

const REFERENCE = 'registry.example/lab:1'

let engine: FakeEngine
let docker: DockerClient
let images: OperatorImages
let warnings: string[]
let isDiskFull: boolean
/** What the Engine has, by the references and ids under which it is found. */
let there: Map<string, object>

const image = (id: string, more: object = {}, config: object = {}): object => ({ Id: id, Os: 'linux', Architecture: 'amd64', RepoDigests: [], Config: config, ...more })

beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
  warnings = []
  isDiskFull = false
  there = new Map()
  engine.on('GET /version', (_request, reply) => reply.json(200, { Arch: 'amd64' }))
  for (const name of [REFERENCE, 'sha256:1', 'sha256:2']) {
    engine.on(`GET /images/${encodeURIComponent(name)}/json`, (_request, reply) => {
      const found = there.get(name)
      if (found === undefined) reply.json(404, { message: 'No such image' })
      else reply.json(200, found)
    })
  }
  images = createOperatorImages({
    docker,
    references: new Map([['lab', REFERENCE]]),
    checkDisk: async () => { if (isDiskFull) throw new Error('no space') },
    log: { info: () => undefined, warn: (_fields, message) => warnings.push(message) }
  })
})
afterEach(async () => {
  await images.stop()
  await docker.close()
  await engine.close()
})

const pulls = (): number => engine.requests.filter(({ path }) => path.endsWith('/images/create')).length

it('stays the one that was found first, whatever its tag is given to later', async () => {
  there.set(REFERENCE, image('sha256:1')).set('sha256:1', image('sha256:1'))
  expect(await images.idOf('lab')).toBe('sha256:1')
  there.set(REFERENCE, image('sha256:2')).set('sha256:2', image('sha256:2'))
  expect(await images.idOf('lab')).toBe('sha256:1')
  there.delete('sha256:1')
  await expect(images.idOf('lab')).rejects.toMatchObject({ code: 'RUNTIME_IMAGE_MISSING' })
  expect(await images.idOf('lab')).toBe('sha256:2')
  expect(pulls()).toBe(0)
})

it('is pulled where the Engine lacks it, and whoever comes meanwhile is told', async () => {
  let finish = (): void => undefined
  engine.on('POST /images/create', async ({ query }, { response }) => {
    expect(query.get('fromImage')).toBe(REFERENCE)
    await new Promise<void>((resolve) => { finish = resolve })
    there.set(REFERENCE, image('sha256:1')).set('sha256:1', image('sha256:1'))
    response.end('{"status":"Downloaded"}\n')
  })
  images.start()
  await waitFor('the pull', () => pulls() === 1)
  await expect(images.idOf('lab')).rejects.toMatchObject({ statusCode: 503, message: 'There is no usable image of the runtime lab: it is being pulled. Try again in a minute' })
  finish()
  await waitFor('the image', async () => await images.idOf('lab').then((id) => id === 'sha256:1', () => false))
})

it.each<[string, () => void]>([
  ['the registry refuses', () => engine.on('POST /images/create', (_request, { response }) => { response.end('{"errorDetail":{"message":"denied to secret.example"}}\n') })],
  ['the disk has too little space', () => { isDiskFull = true }]
])('says that it is not to be had when %s, and only the log why', async (_what, arrange) => {
  arrange()
  images.start()
  await waitFor('the failure', () => warnings.length > 0)
  await expect(images.idOf('lab')).rejects.toMatchObject({ code: 'RUNTIME_IMAGE_MISSING', message: expect.stringMatching(/runtime lab: it is neither on the Engine nor can it be pulled, and the server's log says why$/) })
})

it.each<[string, object, RegExp]>([
  ['for another machine', image('sha256:1', { Architecture: 'arm64' }), /made for linux on arm64, and the Engine runs linux on amd64/],
  ['for another system', image('sha256:1', { Os: 'windows' }), /made for windows/],
  ['with a volume of its own', image('sha256:1', {}, { Volumes: { '/data': {} } }), /declares a volume at \/data/]
])('is refused where it is made %s', async (_what, found, message) => {
  there.set(REFERENCE, found)
  await expect(images.idOf('lab')).rejects.toMatchObject({ code: 'RUNTIME_IMAGE_MISSING', message: expect.stringMatching(message) })
  images.start()
  await waitFor('a look', () => engine.requests.filter(({ path }) => path.endsWith('/json')).length > 1)
  expect(pulls()).toBe(0)
})
