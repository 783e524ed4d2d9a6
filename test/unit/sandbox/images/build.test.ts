import { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../../src/docker/index.ts'
import { buildImage, ImageBuildError } from '../../../../src/sandbox/images/build.ts'
import type { ImageSpec } from '../../../../src/sandbox/images/resolve.ts'
import { startFakeEngine, type FakeEngine } from '../../../support/fake-engine.ts'

const spec: ImageSpec = {
  name: 'lua',
  folder: 'lua',
  reference: 'berth/lua:0123456789ab',
  hash: '0123456789ab',
  context: [
    { path: 'Dockerfile', isExecutable: false, content: Buffer.from('FROM scratch\n') },
    { path: 'bin/run', isExecutable: true, content: Buffer.from('#!/bin/sh\n') }
  ],
  dependencies: {}
}

let engine: FakeEngine
let docker: DockerClient
let context: Buffer

beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
})

afterEach(async () => {
  await docker.close()
  await engine.close()
})

function onBuild (...reports: object[]): void {
  engine.on('POST /build', async (request, { response }) => {
    context = await request.body()
    response.end(reports.map((report) => `${JSON.stringify(report)}\n`).join(''))
  })
}

async function build (): Promise<string[]> {
  const lines: string[] = []
  await buildImage(docker, spec, { buildArgs: { BASE: 'berth/base:1' }, onLine: (line) => lines.push(line) })
  return lines
}

it('sends the context with the spec\'s name as tag and label, and reports whole lines', async () => {
  onBuild({ stream: 'Step 1/1 : FROM sc' }, { stream: 'ratch\n\nGet:1 a\nGet:2' }, { stream: ' b\n' }, { status: 'Pulling', id: 'abc' })
  expect(await build()).toEqual(['Step 1/1 : FROM scratch', 'Get:1 a', 'Get:2 b', 'abc: Pulling'])

  const { query } = engine.requests.at(-1)!
  expect([query.get('t'), query.get('labels'), query.get('buildargs')])
    .toEqual(['berth/lua:0123456789ab', '{"berth.image":"lua"}', '{"BASE":"berth/base:1"}'])
  const entries = []
  for await (const entry of Readable.from([context]).pipe(extract())) {
    entries.push([entry.header.name, entry.header.mode?.toString(8), entry.header.uid])
    entry.resume()
  }
  expect(entries).toEqual([['certificates', '755', 0], ['Dockerfile', '644', 0], ['bin/run', '755', 0]])
})

it('sends the same bytes every time, so that the builder\'s cache recognises them', async () => {
  onBuild()
  await build()
  const first = context
  await build()
  expect(context.equals(first)).toBe(true)
})

it('names the folder and the step that failed, and keeps the last lines of what was printed', async () => {
  const output = Array.from({ length: 30 }, (_, index) => ({ stream: `line ${index}\n` }))
  onBuild({ stream: 'Step 2/3 : RUN make\n' }, ...output, { stream: 'cc: not found' }, { errorDetail: { message: 'returned a non-zero code: 127' } })
  const error: unknown = await build().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ImageBuildError)
  const { message, step, output: tail } = error as ImageBuildError
  expect(message).toBe('sandbox-images/lua: Step 2/3 : RUN make: returned a non-zero code: 127')
  expect(step).toBe('Step 2/3 : RUN make')
  expect(tail).toHaveLength(20)
  expect(tail.slice(-2)).toEqual(['line 29', 'cc: not found'])
})

it('leaves an Engine that refuses the build to the client\'s own error', async () => {
  engine.on('POST /build', async (request, reply) => {
    await request.body()
    reply.json(500, { message: 'no space left on device' })
  })
  await expect(build()).rejects.toMatchObject({ name: 'DockerError', code: 'server_error', daemonMessage: 'no space left on device' })
})
