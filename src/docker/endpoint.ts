import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DockerError } from './errors.ts'

export interface TlsOptions {
  ca?: string | Buffer
  cert?: string | Buffer
  key?: string | Buffer
  /** False accepts any certificate of the Engine, as the docker CLI does with DOCKER_CERT_PATH alone. */
  verify: boolean
}

export type Endpoint =
  | { kind: 'unix', socketPath: string }
  | { kind: 'tcp', host: string, port: number, tls: TlsOptions | undefined }

export const defaultHost = 'unix:///var/run/docker.sock'

/** Parses the DOCKER_HOST form. `tcp://` is TLS when `tls` is given, `https://` always, `http://` never. */
export function parseHost (host: string, tls?: TlsOptions): Endpoint {
  if (host.startsWith('unix://')) {
    const socketPath = host.slice('unix://'.length)
    if (!socketPath.startsWith('/')) throw invalidHost(host, 'a unix socket needs an absolute path, as in unix:///var/run/docker.sock')
    return { kind: 'unix', socketPath }
  }
  const url = URL.canParse(host) ? new URL(host) : undefined
  if (url === undefined || !['tcp:', 'http:', 'https:'].includes(url.protocol)) {
    throw invalidHost(host, 'use unix:///path, tcp://host:port, http://host:port or https://host:port')
  }
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.username !== '') {
    throw invalidHost(host, 'only host and port are supported')
  }
  if (url.hostname === '') throw invalidHost(host, 'the host name is missing')
  const security = url.protocol === 'https:' ? tls ?? { verify: true } : url.protocol === 'tcp:' ? tls : undefined
  return {
    kind: 'tcp',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: portOf(url, security !== undefined),
    tls: security
  }
}

function portOf (url: URL, isTls: boolean): number {
  if (url.port !== '') return Number(url.port)
  if (url.protocol === 'tcp:') return isTls ? 2376 : 2375
  return isTls ? 443 : 80
}

/**
 * The endpoint that the docker CLI would use: DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH.
 * DOCKER_CERT_PATH alone is TLS without verification, DOCKER_TLS_VERIFY alone trusts the system's authorities.
 */
export function endpointFromEnv (env: Record<string, string | undefined>): { host?: string, tls?: TlsOptions } {
  const host = env['DOCKER_HOST'] ? { host: env['DOCKER_HOST'] } : {}
  const verify = Boolean(env['DOCKER_TLS_VERIFY'])
  const directory = env['DOCKER_CERT_PATH']
  if (directory) {
    const read = (name: string) => readCertificate(join(directory, name))
    return { ...host, tls: { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem'), verify } }
  }
  return verify ? { ...host, tls: { verify } } : host
}

function readCertificate (path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new DockerError({ code: 'invalid_host', operation: 'endpoint', message: `cannot read ${path}, which DOCKER_CERT_PATH promises`, cause })
  }
}

function invalidHost (host: string, advice: string): DockerError {
  return new DockerError({ code: 'invalid_host', operation: 'endpoint', message: `cannot use DOCKER_HOST "${host}": ${advice}` })
}
