import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { pack } from 'tar-stream'
import { Readable } from 'node:stream'
import { createDockerClient, endpointFromEnv, isDockerError, type DockerClient } from '../../../src/docker/index.ts'
import { agentVolumeName, ensureAgentVolume } from '../../../src/sandbox/images/agent-volume.ts'
import { findExtraCertificates, hostCertificateSources } from '../../../src/sandbox/images/certificates.ts'
import { imageSpec } from '../../../src/sandbox/images/lookup.ts'
import { AGENT_IMAGE, resolveImages, type ImageSpec } from '../../../src/sandbox/images/resolve.ts'
import { imagesDirectory } from '../support/berth.ts'

let docker: DockerClient
/** The machine's own agent under another hash: its volume is this test's own. */
let agent: ImageSpec

beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  const images = await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(process.env)))
  agent = { ...imageSpec(images, AGENT_IMAGE), hash: `test-${process.pid}` }
})

afterEach(async () => {
  await docker.volumes.remove(agentVolumeName(agent))
})

afterAll(async () => {
  await docker.close()
})

/** Puts a file into a volume as a crash in the middle of filling would have left it. */
async function leaveHalfFilled (name: string): Promise<void> {
  const { Id } = await docker.containers.create({
    Image: agent.reference,
    Cmd: ['/berth/agent'],
    HostConfig: { NetworkMode: 'none', Mounts: [{ Type: 'volume', Source: name, Target: '/berth', VolumeOptions: { NoCopy: true } }] }
  })
  try {
    const tar = pack()
    tar.entry({ name: 'agent', mode: 0o111 }, 'half')
    tar.finalize()
    await docker.containers.putArchive(Id, '/berth', Readable.from(tar, { objectMode: false }))
  } finally {
    await docker.containers.remove(Id, { force: true })
  }
}

async function sizeInVolume (name: string): Promise<number> {
  const { Id } = await docker.containers.create({
    Image: agent.reference,
    Cmd: ['/berth/agent'],
    HostConfig: { NetworkMode: 'none', Mounts: [{ Type: 'volume', Source: name, Target: '/berth', VolumeOptions: { NoCopy: true } }] }
  })
  try {
    return (await docker.containers.statPath(Id, '/berth/agent')).size
  } finally {
    await docker.containers.remove(Id, { force: true })
  }
}

it('is made once, with the agent in it', async () => {
  const name = await ensureAgentVolume(docker, agent)
  expect(name).toBe(agentVolumeName(agent))
  const { CreatedAt } = await docker.volumes.inspect(name)
  expect(await sizeInVolume(name)).toBeGreaterThan(10_000)
  await ensureAgentVolume(docker, agent)
  expect((await docker.volumes.inspect(name)).CreatedAt).toBe(CreatedAt)
})

it('is made anew when a crash has left it half filled', async () => {
  const name = agentVolumeName(agent)
  await docker.volumes.create({ Name: name, Labels: { 'berth.agent': agent.hash } })
  await leaveHalfFilled(name)
  expect(await sizeInVolume(name)).toBe(4)
  await ensureAgentVolume(docker, agent)
  expect(await sizeInVolume(name)).toBeGreaterThan(10_000)
})

it('is made by several at once without harm', async () => {
  const names = await Promise.all([1, 2, 3].map(async () => await ensureAgentVolume(docker, agent)))
  expect(new Set(names)).toEqual(new Set([agentVolumeName(agent)]))
  expect(await sizeInVolume(agentVolumeName(agent))).toBeGreaterThan(10_000)
})

it('is not made when the agent\'s image is not built', async () => {
  await docker.volumes.create({ Name: agentVolumeName(agent) })
  const missing = { ...agent, reference: 'berth/agent:none' }
  const error: unknown = await ensureAgentVolume(docker, missing).catch((reason: unknown) => reason)
  expect(isDockerError(error, 'not_found')).toBe(true)
})
