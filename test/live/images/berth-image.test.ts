import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient, type HostConfig } from '../../../src/docker/index.ts'
import { findExtraCertificates, hostCertificateSources } from '../../../src/sandbox/images/certificates.ts'
import { resolveImages } from '../../../src/sandbox/images/resolve.ts'
import { BERTH_IMAGE, buildBerthImage } from '../../support/berth-image.ts'
import { freePort } from '../../support/server-process.ts'
import { openTerminal } from '../../support/terminal-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createVisitor } from '../preview/visitor.ts'
import { userWithKey } from '../projects/user.ts'
import { imagesDirectory } from '../support/berth.ts'
import { engineSocket } from '../support/engine-socket.ts'
import { removeInstance } from '../support/remove-left.ts'

const KEY = 'brt_only_for_this_container_of_a_test'
const PATIENCE_MS = 60_000

let docker: DockerClient
let directory: string
let container: string | undefined
let instanceId: string | undefined

beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  const certificates = await findExtraCertificates(hostCertificateSources(process.env))
  await buildBerthImage(docker, await resolveImages(imagesDirectory, certificates))
  // Images are named after what the host trusts, too.
  directory = await mkdtemp(path.join(tmpdir(), 'berth-image-'))
  await writeFile(path.join(directory, 'certificates.pem'), certificates.map(({ content }) => content.toString()).join(''), { mode: 0o644 })
}, 900_000)
afterEach(async () => {
  if (container !== undefined) {
    await docker.containers.stop(container, { timeoutSeconds: 20 })
    await docker.containers.remove(container, { force: true, volumes: true })
  }
  if (instanceId !== undefined) await removeInstance(docker, instanceId)
  container = undefined
  instanceId = undefined
})
afterAll(async () => {
  await docker.close()
  await rm(directory, { recursive: true })
})

/** Starts the image as compose.yaml does: its own user, with the group of the Engine's socket. */
async function start (env: Record<string, string>, host: HostConfig, port: number): Promise<string> {
  const { gid } = await stat(engineSocket)
  const { Id } = await docker.containers.create({
    Image: BERTH_IMAGE,
    Cmd: ['serve'],
    Env: Object.entries({ API_KEY: KEY, RUNTIMES: 'python', PROJECT_TOOLS: 'off', LOG_LEVEL: 'warn', NODE_EXTRA_CA_CERTS: '/certificates.pem', SIGNUP: 'open', ...env }).map(([name, value]) => `${name}=${value}`),
    ExposedPorts: { '3000/tcp': {} },
    HostConfig: {
      Binds: [`${engineSocket}:/var/run/docker.sock`, `${path.join(directory, 'certificates.pem')}:/certificates.pem:ro`],
      GroupAdd: [String(gid)],
      CapDrop: ['ALL'],
      Init: true,
      ...host
    }
  })
  container = Id
  await docker.containers.start(Id)
  const origin = `http://127.0.0.1:${port}`
  await waitFor('the server in the container to be ready', async () => (await fetch(`${origin}/ready`).catch(() => undefined))?.status === 200, PATIENCE_MS)
  return origin
}

async function tryAll (origin: string): Promise<{ network: string | null }> {
  const user = userWithKey(origin, KEY)
  await waitFor('Python', async () => {
    const { body } = await user.call<{ output?: string }>('POST', '/api/execute', { language: 'python', code: 'print(6 * 7)' })
    return body.output === '42\n'
  }, PATIENCE_MS)
  const { id } = await user.createProject({ files: [{ path: 'hello.txt', content: 'hello' }] })
  expect((await user.exec(id, 'cat hello.txt')).output).toBe('hello')
  instanceId = (await docker.containers.list({ all: true, filters: { label: [`berth.project=${id}`] } }))[0]?.Labels['berth.instance']

  const terminal = openTerminal(`${origin}/terminal/${id}`, { headers: { 'X-API-Key': KEY } })
  await terminal.hello()
  terminal.type('echo $((6 * 7))-from-a-shell\n')
  await terminal.shows('42-from-a-shell')
  await terminal.close()

  await user.call('PATCH', `/projects/${id}`, { previews: 'public' })
  await user.call('POST', `/projects/${id}/processes`, { cmd: 'python3 -m http.server 3000' })
  const visitor = createVisitor({ origin }, id, 3000)
  await waitFor('the preview', async () => (await visitor.visit('/hello.txt')).text === 'hello', PATIENCE_MS)
  const { body } = await user.call<{ network: { problem: string | null } }>('GET', '/api/system')
  await user.remove(id)
  return { network: body.network.problem }
}

describe('the image of Berth', () => {
  it('in a network of its own runs programs, projects, terminals and previews, and says that projects have no network', async () => {
    const port = await freePort()
    const origin = await start({}, { PortBindings: { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] } }, port)
    expect((await tryAll(origin)).network).toMatch(/Projects have no network/)
    const { State } = await docker.containers.inspect(container ?? '')
    expect(State.Running).toBe(true)
  }, 180_000)

  it('in the host\'s network, where it may set rules, gives projects theirs', async () => {
    const port = await freePort()
    const origin = await start({ HOST: '127.0.0.1', PORT: String(port) }, { NetworkMode: 'host', CapAdd: ['NET_ADMIN'] }, port)
    expect((await tryAll(origin)).network).toBeNull()
  }, 180_000)
})
