import { afterEach, beforeEach, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { createBackgroundBuilds, type BackgroundBuilds } from '../../../src/runtime/languages/background-builds.ts'
import { createBuildProgress, type BuildProgress } from '../../../src/sandbox/images/progress.ts'
import type { ImageSpec } from '../../../src/sandbox/images/resolve.ts'
import { startFakeEngine, type FakeEngine } from '../../support/fake-engine.ts'
import { waitFor } from '../../support/wait-for.ts'

const images = new Map(['base', 'c', 'cpp', 'lua'].map((name): [string, ImageSpec] => [name, {
  name,
  folder: name,
  reference: `berth/${name}:1`,
  hash: '1',
  context: [{ path: 'Dockerfile', isExecutable: false, content: Buffer.from('FROM scratch\n') }],
  dependencies: name === 'base' ? {} : name === 'cpp' ? { C: 'c' } : { BASE: 'base' }
}]))

let engine: FakeEngine
let docker: DockerClient
let builds: BackgroundBuilds
let lines: string[]
let built: Set<string>

let isDiskFull: boolean
let progress: BuildProgress

beforeEach(async () => {
  isDiskFull = false
  progress = createBuildProgress()
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
  lines = []
  built = new Set(['base'])
  const log = (_fields: object, message: string): void => { lines.push(message) }
  builds = createBackgroundBuilds({ docker, checkDisk: async () => { if (isDiskFull) throw new Error('no space') }, images, progress, proxies: { http_proxy: 'http://proxy' }, log: { info: log, error: log } })
  for (const [name, { reference }] of images) {
    engine.on(`GET /images/${encodeURIComponent(reference)}/json`, (_request, reply) =>
      built.has(name) ? reply.json(200, {}) : reply.json(404, { message: 'No such image' }))
  }
})

afterEach(async () => {
  await builds.stop()
  await docker.close()
  await engine.close()
})

function builtNames (): (string | null)[] {
  return engine.requests.filter(({ path }) => path.endsWith('/build')).map(({ query }) => query.get('t'))
}

it('builds what is missing one after the other, behind what the sandboxes need of the CPU', async () => {
  let atOnce = 0
  engine.on('POST /build', async (request, { response }) => {
    expect(++atOnce).toBe(1)
    await request.body()
    atOnce--
    response.end('{"stream":"done\\n"}\n')
  })
  builds.start()
  await waitFor('the last build', () => lines.includes('built lua'))
  expect(lines).toEqual(['building c', 'built c', 'building cpp', 'built cpp', 'building lua', 'built lua'])
  const query = engine.requests.findLast(({ path }) => path.endsWith('/build'))!.query
  expect(query.get('cpushares')).toBe('64')
  expect(JSON.parse(query.get('buildargs')!)).toEqual({ http_proxy: 'http://proxy', BASE: 'berth/base:1' })
})

it('logs a failure once, by folder and step, and goes on with the others', async () => {
  engine.on('POST /build', async (request, { response }) => {
    await request.body()
    response.end(request.query.get('t') === 'berth/c:1' ? '{"stream":"Step 2/3 : RUN make\\n"}\n{"errorDetail":{"message":"code 2"}}\n' : '{"stream":"done\\n"}\n')
  })
  builds.start()
  await waitFor('the failures', () => lines.some((line) => line.includes('cpp')))
  expect(lines).toEqual([
    'building c',
    'building lua',
    'built lua',
    'image not built: sandbox-images/c: Step 2/3 : RUN make: code 2',
    'image not built: sandbox-images/cpp: not tried, because it is built from c'
  ])
})

it('tells how far each image is, and tries again what has failed', async () => {
  let isBroken = true
  let finish = (): void => undefined
  engine.on('POST /build', async (request, { response }) => {
    await request.body()
    const name = request.query.get('t')?.slice('berth/'.length, -':1'.length) ?? ''
    response.write('{"stream":"Step 2/3 : RUN make\\n"}\n')
    await new Promise<void>((resolve) => { finish = resolve })
    if (!isBroken) built.add(name)
    response.end(isBroken ? '{"errorDetail":{"message":"code 2"}}\n' : '{"stream":"done\\n"}\n')
  })
  builds.start()
  await waitFor('the first step', () => progress.report('c')?.step != null)
  expect(progress.report('c')).toMatchObject({ state: 'building', step: '2/3 : RUN make', log: 'Step 2/3 : RUN make\n', error: null, endedAt: null })
  expect(['base', 'c', 'lua'].map(progress.describe)).toEqual(['', ': its build is at step 2/3', ': others are built before it'])
  for (const name of ['c', 'lua']) {
    await waitFor(`the step of ${name}`, () => progress.report(name)?.step != null)
    finish()
  }
  await waitFor('the end', () => progress.report('lua')?.state === 'failed')
  expect(progress.report('c')).toMatchObject({ state: 'failed', error: 'sandbox-images/c: Step 2/3 : RUN make: code 2', endedAt: expect.any(Date) })
  expect(progress.describe('cpp')).toMatch(/has failed/)

  isBroken = false
  await waitFor('a build to begin', () => {
    builds.start()
    return progress.report('c')?.state === 'building'
  })
  for (const name of ['c', 'cpp', 'lua']) {
    await waitFor(`the step of ${name}`, () => progress.report(name)?.step != null)
    finish()
  }
  await waitFor('the last build', () => progress.report('lua')?.state === 'built')
  expect(['c', 'cpp', 'lua'].map(progress.describe)).toEqual(['', '', ''])
})

it('keeps the end of what a build prints, whatever it prints', () => {
  progress.start('c')
  for (let n = 0; n < 1_000; n++) progress.addLine('c', `${n} ${'x'.repeat(10_000)}`)
  const { log = '' } = progress.report('c') ?? {}
  expect([log.length, log.includes('\n999 x')]).toEqual([65_536, true])
})

it('stops in the middle of a build, without a word and without another', async () => {
  engine.on('POST /build', () => undefined)
  builds.start()
  await waitFor('the first build', () => builtNames().length === 1)
  await builds.stop()
  expect(builtNames()).toEqual(['berth/c:1'])
  expect(lines).toEqual(['building c'])
})

it('says what to do when not even base is built', async () => {
  built.clear()
  builds.start()
  await waitFor('the failure', () => lines.length > 0)
  expect(lines[0]).toBe('image not built: berth/base:1 is not built: "make run" builds it')
})

it('builds nothing while the disk has too little space', async () => {
  isDiskFull = true
  builds.start()
  await waitFor('the failure', () => lines.length > 0)
  expect(lines[0]).toBe('image not built: no space')
  expect(builtNames()).toEqual([])
})
