import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDockerClient, type DockerClient } from '../../../src/docker/index.ts'
import { addUpdates } from '../../../src/setup/base-image/apt-sources.ts'
import { ensureBaseImage } from '../../../src/setup/base-image/ensure.ts'
import { slim } from '../../../src/setup/base-image/slim.ts'
import { startFakeEngine, type FakeEngine } from '../../support/fake-engine.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'base-image-'))
})

afterEach(async () => {
  await rm(root, { recursive: true })
})

async function write (path: string, content = ''): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}

describe('addUpdates', () => {
  const release = 'deb http://mirror.example/debian/ trixie main\n'

  beforeEach(async () => {
    await write('etc/apt/sources.list', release)
  })

  const sources = async (): Promise<string> => await readFile(join(root, 'etc/apt/sources.list'), 'utf8')

  it('adds updates and security updates of the same mirror and upgrades', async () => {
    const commands: string[] = []
    await addUpdates(root, 'trixie', async ([program, command]) => { commands.push(`${program} ${command}`) })
    expect(await sources()).toBe('deb http://mirror.example/debian/ trixie main\n' +
      'deb http://mirror.example/debian/ trixie-updates main\n' +
      'deb http://mirror.example/debian-security trixie-security main\n')
    expect(commands).toEqual(['apt-get update', 'apt-get upgrade'])
  })

  it('leaves the plain release where the mirror has no updates', async () => {
    const commands: string[] = []
    await addUpdates(root, 'trixie', async ([, command = '']) => {
      commands.push(command)
      if (command === 'update') throw new Error('404')
    })
    expect(await sources()).toBe(release)
    expect(commands).toEqual(['update'])
  })
})

it('slims: licences stay, other documentation, caches and traces of the host go', async () => {
  await write('usr/share/doc/bash/copyright', 'GPL')
  await write('usr/share/doc/bash/examples/script')
  await write('usr/share/doc/empty/README')
  await write('usr/share/man/man1/bash.1')
  await write('var/lib/apt/lists/index')
  await write('etc/resolv.conf', 'nameserver 192.0.2.1')
  await mkdir(join(root, 'etc/dpkg/dpkg.cfg.d'), { recursive: true })
  await slim(root)
  expect((await readdir(join(root, 'usr/share/doc'), { recursive: true })).sort()).toEqual(['bash', 'bash/copyright'])
  expect(await readdir(join(root, 'usr/share/man'))).toEqual([])
  expect(await readdir(join(root, 'var/lib/apt/lists'))).toEqual([])
  expect(await readFile(join(root, 'etc/resolv.conf'), 'utf8')).toBe('')
  expect(await readFile(join(root, 'etc/dpkg/dpkg.cfg.d/slim'), 'utf8')).toMatch(/^path-exclude \/usr\/share\/man\/\*$/m)
})

describe('ensureBaseImage', () => {
  let engine: FakeEngine
  let docker: DockerClient

  beforeEach(async () => {
    engine = await startFakeEngine()
    docker = createDockerClient({ host: engine.host })
    engine.on('GET /images/*/json', (_, reply) => reply.json(404, { message: 'no such image' }))
  })

  afterEach(async () => {
    await docker.close()
    await engine.close()
  })

  const ensure = async (): Promise<string> => await ensureBaseImage({
    docker,
    env: { PATH: process.env['PATH'] },
    packages: { install: async () => {} },
    run: async (file) => { throw new Error(`${file} failed`) },
    report: () => {}
  })
  const requests = (): string[] => engine.requests.map(({ method, path }) => `${method} ${decodeURIComponent(path)}`)

  it('takes the one that is there', async () => {
    engine.on('GET /images/*/json', (request, reply) => {
      if (decodeURIComponent(request.path).includes('berth/debian')) reply.json(200, {})
      else reply.json(404, { message: 'no such image' })
    })
    expect(await ensure()).toBe('berth/debian:trixie-slim')
    expect(requests()).not.toContain('POST /images/create')
  })

  it('pulls where a registry answers', async () => {
    engine.on('POST /images/create', (_, { response }) => { response.end('{"status":"Downloaded"}\n') })
    expect(await ensure()).toBe('debian:trixie-slim')
  })

  it('says what failed when it can neither be pulled nor made, and leaves no files', async () => {
    const before = await readdir('/var/tmp')
    engine.on('POST /images/create', (_, { response }) => { response.end('{"errorDetail":{"message":"no such host"}}\n') })
    await expect(ensure()).rejects.toThrow(/could neither be pulled nor made\. unshare failed/)
    expect((await readdir('/var/tmp')).filter((name) => name.startsWith('berth-debian-') && !before.includes(name))).toEqual([])
  })
})
