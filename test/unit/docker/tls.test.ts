import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createDockerClient, type DockerClient, type TlsOptions } from '../../../src/docker/index.ts'
import { frame, readInput, startFakeEngine, switchingProtocols, type FakeEngine } from '../../support/fake-engine.ts'

let directory: string
let cert: string
let key: string
let engine: FakeEngine
let docker: DockerClient

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'engine-tls-'))
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=engine',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', join(directory, 'key.pem'), '-out', join(directory, 'cert.pem')
  ], { stdio: 'ignore' })
  cert = readFileSync(join(directory, 'cert.pem'), 'utf8')
  key = readFileSync(join(directory, 'key.pem'), 'utf8')
})

afterAll(() => rmSync(directory, { recursive: true }))

afterEach(async () => {
  await docker.close()
  await engine.close()
})

async function startTls (tls: TlsOptions | undefined, clientCa?: string): Promise<void> {
  engine = await startFakeEngine({ listen: { kind: 'tls', cert, key, ...(clientCa === undefined ? {} : { clientCa }) } })
  docker = createDockerClient({ host: engine.host, ...(tls === undefined ? {} : { tls }) })
}

function echoOnAttach (): void {
  engine.on('POST /containers/c/attach', async (_request, { socket }) => {
    socket.write(Buffer.concat([Buffer.from(switchingProtocols), frame(1, 'first ')]))
    socket.end(frame(1, await readInput(socket)))
  })
}

async function attachAndSay (input: string): Promise<string> {
  const { stdin, stdout, closed } = await docker.containers.attach('c')
  stdin.end(input)
  const output = await text(stdout)
  await closed
  return output
}

describe('an Engine over TCP', () => {
  it('is called and attached to', async () => {
    engine = await startFakeEngine({ listen: { kind: 'tcp' } })
    docker = createDockerClient({ host: engine.host })
    echoOnAttach()
    expect(await docker.negotiate()).toBe('1.41')
    expect(await attachAndSay('second')).toBe('first second')
  })
})

describe('an Engine over TLS', () => {
  it('is called and attached to, with half-close, when its certificate is known', async () => {
    await startTls({ ca: cert, verify: true })
    echoOnAttach()
    expect(await docker.negotiate()).toBe('1.41')
    expect(await attachAndSay('second')).toBe('first second')
  })

  it('is shown our certificate when it asks', async () => {
    await startTls({ ca: cert, cert, key, verify: true }, cert)
    echoOnAttach()
    expect(await docker.negotiate()).toBe('1.41')
    expect(await attachAndSay('second')).toBe('first second')
  })

  it('refuses us without a certificate when it asks for one', async () => {
    await startTls({ ca: cert, verify: true }, cert)
    await expect(docker.negotiate()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('is not trusted when nobody vouches for it', async () => {
    await startTls({ verify: true })
    await expect(docker.negotiate()).rejects.toMatchObject({ code: 'unavailable', cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } })
    await expect(docker.containers.attach('c')).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('is trusted unseen when told not to verify', async () => {
    await startTls({ verify: false })
    echoOnAttach()
    expect(await attachAndSay('second')).toBe('first second')
  })

  it('is not found by plain TCP', async () => {
    await startTls(undefined)
    await expect(docker.negotiate({ deadlineMs: 2000 })).rejects.toMatchObject({ name: 'DockerError' })
  })
})
