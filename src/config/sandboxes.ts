import Type from 'typebox'
import { EgressError, parseEgress, type Egress } from '../lib/egress.ts'
import { ConfigError } from './error.ts'
import { size, text, type Values } from './schema.ts'

export const sandboxVariables = {
  DOCKER_HOST: Type.Optional(text('Engine: unix:///path, tcp://host:port')),
  DOCKER_TLS_VERIFY: Type.Optional(Type.String({ description: 'not empty: TLS with a verified certificate' })),
  DOCKER_CERT_PATH: Type.Optional(text('folder of ca.pem, cert.pem and key.pem')),
  ADOPT_ENGINE: Type.Optional(text('code from the message of a server that refuses to start because its database and its Engine do not belong together: makes them', '^[0-9a-f]{12}$')),
  DISK_RESERVE: Type.Optional(size(undefined, 'bytes of the Engine\'s disk and of DATA_DIR\'s that stay free: with less, nothing that needs space is begun, and projects that write are stopped. Default 5 %, from 2 GB to 16 GB, of small disks 10 %')),
  SANDBOX_RUNTIME: Type.Optional(text('OCI runtime, e.g. runsc for gVisor; default the Engine\'s own')),
  SANDBOX_REUSE: Type.Enum(['owner', 'never'], { default: 'owner', description: 'owner: a sandbox may serve the same owner again after a verified reset' }),
  SANDBOX_DISK: size('64m', 'size of /workspace and of /tmp in a run sandbox, each'),
  SANDBOX_NETWORK_MODE: Type.Enum(['bridge', 'none'], { default: 'bridge', description: 'of projects: bridge is a network of their own without traffic between them, none is no network at all' }),
  SANDBOX_EGRESS: Type.String({ minLength: 1, default: 'internet', description: 'what projects may reach, kept by packet filter rules: `internet` is everything but this host and private networks; `none`; a list of `internet`, addresses, CIDRs and `address:port` (one of this host counts with its port only). `unfiltered` sets no rules: this host and its networks are open to them' }),
  SANDBOX_PREVIEW_PORT: Type.Integer({ minimum: 1, maximum: 65_535, default: 3000, description: 'port of a project\'s own server, given to it as PORT and published on a random port of the host\'s loopback' }),
  POOL_MEMORY: Type.Optional(size(undefined, 'memory for idle sandboxes, at 16 MB each; default a thirty-second of this machine\'s, at most 512 MB'))
}

const POOL_SHARE = 1 / 32
const POOL_MOST_BYTES = 512 * 1024 ** 2

export function toSandboxes (env: Values<typeof sandboxVariables>, machineBytes: number) {
  return {
    docker: { DOCKER_HOST: env.DOCKER_HOST, DOCKER_TLS_VERIFY: env.DOCKER_TLS_VERIFY, DOCKER_CERT_PATH: env.DOCKER_CERT_PATH },
    adoptEngine: env.ADOPT_ENGINE,
    disk: { reserveBytes: env.DISK_RESERVE },
    sandbox: {
      ociRuntime: env.SANDBOX_RUNTIME,
      reuse: env.SANDBOX_REUSE,
      diskBytes: env.SANDBOX_DISK,
      poolMemoryBytes: env.POOL_MEMORY ?? Math.min(Math.floor(machineBytes * POOL_SHARE), POOL_MOST_BYTES),
      networkMode: env.SANDBOX_NETWORK_MODE,
      egress: toEgress(env.SANDBOX_EGRESS),
      previewPort: env.SANDBOX_PREVIEW_PORT
    }
  }
}

function toEgress (given: string): Egress {
  try {
    return parseEgress(given)
  } catch (error) {
    if (error instanceof EgressError) throw new ConfigError(`SANDBOX_EGRESS: ${error.message}`)
    throw error
  }
}
