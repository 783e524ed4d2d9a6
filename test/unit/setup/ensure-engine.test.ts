import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { waitForEngine } from '../../../src/setup/engine/daemon.ts'
import { ensureEngine } from '../../../src/setup/engine/ensure.ts'
import { startFakeEngine, type FakeEngine } from '../../support/fake-engine.ts'

let directory: string
let logFile: string
let engine: FakeEngine
let docker: DockerClient

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ensure-engine-'))
  logFile = join(directory, 'dockerd.log')
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
})

afterEach(async () => {
  await docker.close()
  await engine.close()
  await rm(directory, { recursive: true })
})

function setup (env: NodeJS.ProcessEnv = {}) {
  const touched: string[] = []
  const options = {
    docker,
    env,
    logFile,
    host: { isRoot: true, isDebian: true, hasSystemd: true },
    packages: { install: async (names: readonly string[]) => { touched.push(...names) } },
    run: async (file: string) => { touched.push(file) },
    report: (line: string) => { touched.push(line) }
  }
  return { touched, options }
}

describe('ensureEngine', () => {
  it('does nothing to an Engine that answers', async () => {
    const { touched, options } = setup()
    await ensureEngine(options)
    expect(touched).toEqual([])
    expect(engine.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /_ping'])
  })

  it('neither installs nor starts one where DOCKER_HOST names another', async () => {
    await engine.stop()
    const { touched, options } = setup({ DOCKER_HOST: engine.host })
    await expect(ensureEngine(options)).rejects.toThrow(/DOCKER_HOST does not answer .*not reachable/)
    expect(touched).toEqual([])
  })
})

describe('waitForEngine', () => {
  it('waits until it answers', async () => {
    let refusals = 2
    engine.on('GET /_ping', (_, reply) => {
      if (refusals-- > 0) reply.json(500, { message: 'starting' })
      else reply.text(200, 'OK')
    })
    await waitForEngine(docker, { deadlineMs: 10_000, logFile })
    expect(refusals).toBe(-1)
  })

  it('fails with the end of the log when the daemon has ended', async () => {
    await engine.stop()
    await writeFile(logFile, Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n') + '\nfailed to start: no iptables\n')
    const waiting = waitForEngine(docker, { deadlineMs: 10_000, logFile, hasEnded: () => true })
    await expect(waiting).rejects.toThrow(/ended at once.*dockerd\.log:\nline 81\n(?:line \d+\n)+failed to start: no iptables$/)
  })

  it('fails when it does not answer in time, also without a log', async () => {
    await engine.stop()
    await expect(waitForEngine(docker, { deadlineMs: 1, logFile })).rejects.toThrow(/does not answer after 0\.001 s.*\(cannot be read: /s)
  })

  it('stops waiting when it is interrupted', async () => {
    await engine.stop()
    const interrupt = AbortSignal.abort(new Error('interrupted'))
    await expect(waitForEngine(docker, { deadlineMs: 10_000, logFile, signal: interrupt })).rejects.toThrow('interrupted')
  })
})
