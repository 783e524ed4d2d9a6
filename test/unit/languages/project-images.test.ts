import { afterEach, beforeEach, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { createProjectImages } from '../../../src/runtime/languages/project-images.ts'
import { createBuildProgress } from '../../../src/sandbox/images/progress.ts'
import type { ImageSpec } from '../../../src/sandbox/images/resolve.ts'
import { startFakeEngine, type FakeEngine } from '../../support/fake-engine.ts'

const images = new Map(['lua', 'lua-tools', 'lua-project', 'sql', 'sql-tools'].map((name): [string, ImageSpec] =>
  [name, { name, folder: name, reference: `berth/${name}:1`, hash: '1', context: [], dependencies: {} }]))
const languages = ['lua', 'sql']

let engine: FakeEngine
let docker: DockerClient
let built: Set<string>
let time: number
beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
  built = new Set(['lua', 'sql'])
  time = 0
  for (const [name, { reference }] of images) {
    engine.on(`GET /images/${encodeURIComponent(reference)}/json`, (_request, reply) =>
      built.has(name) ? reply.json(200, {}) : reply.json(404, { message: 'No such image' }))
  }
})
afterEach(async () => {
  await docker.close()
  await engine.close()
})

const progress = createBuildProgress()
const create = (hasTools = true) => createProjectImages({ docker, images, languages, hasTools, progress, now: () => time })

it('are those with what the language\'s people need, or else with the tools of all, or as runs have them', async () => {
  const withTools = await create()()
  expect(languages.map((language) => withTools(language))).toEqual([
    { image: 'berth/lua-project:1', ready: false, step: null },
    { image: 'berth/sql-tools:1', ready: false, step: null }
  ])
  expect((await create(false)())('lua')).toEqual({ image: 'berth/lua:1', ready: true, step: null })
})

it('are ready when they are there, and tell meanwhile how far their build is', async () => {
  const look = create()
  progress.start('lua-project')
  progress.addLine('lua-project', 'Step 2/5 : RUN apt-get')
  expect((await look())('lua')).toMatchObject({ ready: false, step: '2/5 : RUN apt-get' })
  progress.finish('lua-project')
  built.add('lua-project')
  time += 3_000
  expect((await look())('lua')).toMatchObject({ ready: true, step: null })
})

it('are looked for once, however many ask', async () => {
  const look = create()
  await Promise.all([look(), look(), look()])
  await look()
  expect(engine.requests.filter(({ path }) => path.startsWith('/images/')).length).toBe(2)
})

it('are not there while the Engine does not answer', async () => {
  engine.on(`GET /images/${encodeURIComponent('berth/lua-project:1')}/json`, (_request, reply) => reply.json(500, { message: 'broken' }))
  built.add('sql-tools')
  const stateOf = await create()()
  expect([stateOf('lua').ready, stateOf('sql').ready]).toEqual([false, false])
})
