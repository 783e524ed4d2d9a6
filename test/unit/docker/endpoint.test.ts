import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endpointFromEnv, parseHost } from '../../../src/docker/endpoint.ts'

const tls = { verify: true }

describe('parsing DOCKER_HOST', () => {
  it.each([
    ['unix:///var/run/docker.sock', undefined, { kind: 'unix', socketPath: '/var/run/docker.sock' }],
    ['tcp://engine', undefined, { kind: 'tcp', host: 'engine', port: 2375, tls: undefined }],
    ['tcp://engine', tls, { kind: 'tcp', host: 'engine', port: 2376, tls }],
    ['tcp://10.0.0.1:4243/', tls, { kind: 'tcp', host: '10.0.0.1', port: 4243, tls }],
    ['tcp://[::1]:2375', undefined, { kind: 'tcp', host: '::1', port: 2375, tls: undefined }],
    ['http://engine:8080', tls, { kind: 'tcp', host: 'engine', port: 8080, tls: undefined }],
    ['http://engine', undefined, { kind: 'tcp', host: 'engine', port: 80, tls: undefined }],
    ['https://engine', undefined, { kind: 'tcp', host: 'engine', port: 443, tls: { verify: true } }]
  ])('understands %s', (host, security, endpoint) => {
    expect(parseHost(host, security)).toEqual(endpoint)
  })

  it.each(['', 'docker', 'unix://docker.sock', 'ssh://user@host', 'npipe:////./pipe/docker', 'tcp://', 'tcp://host:1/prefix', 'tcp://user@host:1'])('refuses "%s"', (host) => {
    expect(() => parseHost(host)).toThrow(expect.objectContaining({ code: 'invalid_host' }))
  })
})

describe('the endpoint of an environment', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'certificates-'))
    for (const name of ['ca', 'cert', 'key']) writeFileSync(join(directory, `${name}.pem`), name)
  })

  afterEach(() => rmSync(directory, { recursive: true }))

  it('is left to the default by an empty environment', () => {
    expect(endpointFromEnv({ DOCKER_HOST: '', DOCKER_TLS_VERIFY: '' })).toEqual({})
  })

  it('reads the certificates and verifies when told so', () => {
    expect(endpointFromEnv({ DOCKER_HOST: 'tcp://engine', DOCKER_CERT_PATH: directory, DOCKER_TLS_VERIFY: '1' })).toEqual({
      host: 'tcp://engine',
      tls: { ca: Buffer.from('ca'), cert: Buffer.from('cert'), key: Buffer.from('key'), verify: true }
    })
  })

  it('does not verify with certificates alone, as the docker CLI', () => {
    expect(endpointFromEnv({ DOCKER_CERT_PATH: directory }).tls?.verify).toBe(false)
  })

  it('trusts the system when there is no certificate path', () => {
    expect(endpointFromEnv({ DOCKER_TLS_VERIFY: '1' })).toEqual({ tls: { verify: true } })
  })

  it('names the certificate that is missing', () => {
    rmSync(join(directory, 'key.pem'))
    expect(() => endpointFromEnv({ DOCKER_CERT_PATH: directory })).toThrow(join(directory, 'key.pem'))
  })
})
