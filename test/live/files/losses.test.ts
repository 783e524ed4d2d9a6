import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { projectVolumeName } from '../../../src/sandbox/container-spec.ts'
import { openFiles, type FilesClient } from '../../support/files-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'

const MIB = 2 ** 20
const OLD = 'old content'

// All but the one that this program is run by.
const KILL_AGENTS = `
import glob, os, signal
def kill_agents():
  for name in glob.glob("/proc/[0-9]*/cmdline"):
    pid = int(name.split("/")[2])
    try:
      if open(name, "rb").read().startswith(b"/berth/agent\\0serve") and pid != os.getppid():
        os.kill(pid, signal.SIGKILL)
        print("killed")
    except (FileNotFoundError, ProcessLookupError): pass
`

let docker: DockerClient
let berth: Berth
let user: User
let id: string

beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  berth = await startProjectsBerth({ RATE_LIMIT: 'off', PROJECT_SIZE: '8m' })
  user = await signUp(berth.origin)
})
afterAll(async () => {
  await berth.stop()
  await docker.close()
})
beforeEach(async () => { ({ id } = await user.createProject({ files: [{ path: 'file', content: OLD }] })) })
afterEach(async () => await user.remove(id))

const url = (path: string): string => `${berth.origin}/projects/${id}/files/${path}`
const read = async (path: string): Promise<string> => await (await fetch(url(path), { headers: { 'X-API-Key': user.key } })).text()
const put = async (path: string, body: string | Buffer): Promise<number> => (await fetch(url(path), { method: 'PUT', body, headers: { 'X-API-Key': user.key } })).status

/** A PUT of two halves, the first of which has arrived in the project. */
async function putHalf (half: Buffer): Promise<{ put: ClientRequest, status: Promise<number> }> {
  const put = request(url('file'), { method: 'PUT', headers: { 'X-API-Key': user.key, 'Content-Length': 2 * half.length } })
  const status = once(put, 'response').then(([response]) => {
    const { statusCode = 0 } = (response as IncomingMessage).resume()
    return statusCode
  })
  put.write(half)
  await waitFor('the first half to be written', async () => (await user.exec(id, `find . -name ".berth-*" -size ${half.length}c`)).output !== '')
  return { put, status }
}

const leftovers = async (): Promise<string> => (await user.exec(id, 'ls -A')).output

describe('in the middle of a write', () => {
  it('the agent that is killed from inside leaves the old content, and the next write finds another', async () => {
    await user.start(id)
    for (let round = 0; round < 5; round++) {
      // Of a size of its own, as what a killed agent has left may be there for a while.
      const half = randomBytes(MIB + round)
      const { put: halfway, status } = await putHalf(half)
      expect(await user.exec(id, ['python3', '-c', `${KILL_AGENTS}kill_agents()`])).toMatchObject({ output: 'killed\n' })
      halfway.end(half)
      expect(await status).toBe(503)
      expect(await read('file')).toBe(OLD)
    }
    expect(await put('file', 'new content')).toBe(204)
    expect(await read('file')).toBe('new content')
  })

  it('agents that are killed again and again leave old or new content, never half', async () => {
    await user.start(id)
    const killing = user.exec(id, ['python3', '-c', `${KILL_AGENTS}
import time
while not os.path.exists("stop"):
  time.sleep(0.03)
  kill_agents()`])
    const contents = new Set([OLD])
    for (let round = 0; round < 60; round++) {
      const content = String.fromCharCode(97 + round % 26).repeat(100_000)
      contents.add(content)
      const status = await put('file', content)
      expect([204, 503]).toContain(status)
      const found = await fetch(url('file'), { headers: { 'X-API-Key': user.key } })
      expect([200, 503]).toContain(found.status)
      if (found.status === 200) expect(contents).toContain(await found.text().catch(() => OLD))
    }
    await waitFor('a write between two kills', async () => await put('stop', '') < 300)
    expect((await killing).output.split('\n').length).toBeGreaterThan(5)
    expect(contents).toContain(await read('file'))
  })

  it('a container that is killed leaves the old content', async () => {
    const { containerId } = await user.start(id)
    const { put: halfway, status } = await putHalf(randomBytes(MIB))
    await docker.containers.kill(containerId ?? '')
    halfway.end(randomBytes(MIB))
    expect(await status).toBe(503)
    expect(await read('file')).toBe(OLD)
    expect(await put('file', 'new content')).toBe(204)
  })
})

describe('without space', () => {
  it('a write is refused and leaves what was there, and nothing besides', async () => {
    expect(await put('file', randomBytes(9 * MIB))).toBe(413)
    expect(await put('other', randomBytes(5 * MIB))).toBe(201)
    expect(await put('file', randomBytes(5 * MIB))).toBe(413)
    expect(await read('file')).toBe(OLD)
    await user.start(id)
    expect(await leftovers()).toBe('file\nother\n')
  })

  it('a file is overwritten again and again in a project that has room for a few of it', async () => {
    const content = randomBytes(MIB)
    for (let write = 0; write < 30; write++) expect(await put('file', content)).toBe(204)
  })

  it('copies at the same time do not take the same room', async () => {
    expect(await put('large', randomBytes(3 * MIB))).toBe(201)
    const copy = async (to: string): Promise<number> => (await fetch(`${berth.origin}/projects/${id}/files`, {
      method: 'POST', headers: { 'X-API-Key': user.key, 'Content-Type': 'application/json' }, body: JSON.stringify({ op: 'copy', path: 'large', to })
    })).status
    expect((await Promise.all(['a', 'b', 'c'].map(copy))).sort((a, b) => a - b)).toEqual([200, 413, 413])
  })

  it('a write is refused also when a program has taken it', async () => {
    await user.exec(id, 'head -c 9000000 /dev/zero > taken')
    await waitFor('the size to be looked at', async () => await put('more', 'x') === 413)
    await user.exec(id, 'rm taken')
    // It may have been written before anybody had looked.
    await waitFor('the size to be looked at', async () => [201, 204].includes(await put('more', 'x')))
  })

  it('on the disk itself a write leaves what was there, and nothing besides', async () => {
    await user.remove(id)
    ;({ id } = await user.createProject())
    await makeSmallVolume(MIB)
    expect(await put('file', OLD)).toBe(201)
    expect(await put('file', randomBytes(2 * MIB))).toBe(507)
    expect(await read('file')).toBe(OLD)
    await user.start(id)
    expect(await leftovers()).toBe('file\n')
    expect(await put('file', 'new content')).toBe(204)
  })

  /** In memory, as only such a one has a size everywhere. */
  async function makeSmallVolume (bytes: number): Promise<void> {
    await docker.volumes.create({
      Name: projectVolumeName(id),
      DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: `size=${bytes},uid=1000,gid=1000` },
      Labels: { 'berth.instance': berth.app.projects.instanceId, 'berth.kind': 'project', 'berth.project': id, 'berth.owner': id }
    })
  }
})

describe('two clients who save the same file', () => {
  let clients: FilesClient[]
  beforeEach(async () => { clients = await Promise.all([1, 2].map(async () => await openFiles(berth.origin, id, user.key))) })
  afterEach(async () => await Promise.all(clients.map(async (client) => await client.close())))

  it('lose nothing without being told, however often they do', async () => {
    const counters = await Promise.all(clients.map(async (client) => {
      let saved = 0
      while (saved < 30) {
        const { content, entry } = await client.get('read', { path: 'file' })
        const answer = await client.call('write', { path: 'file', content: `${String(content)}\n${'x'.repeat(1000)}`, ifMatch: (entry as { etag: string }).etag })
        if (answer.ok) saved++
        else expect(answer).toMatchObject({ code: 'PRECONDITION_FAILED', etag: expect.any(String) })
      }
      return saved
    }))
    expect((await read('file')).split('\n').length - 1).toBe(counters.reduce((sum, saved) => sum + saved, 0))
  })
})
