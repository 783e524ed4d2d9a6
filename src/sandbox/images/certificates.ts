import { X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { ContextFile } from './context.ts'

const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Alpine, Arch
  '/etc/pki/tls/certs/ca-bundle.crt' // Fedora and its family
]
const DISTRIBUTION_CERTIFICATES = '/usr/share/ca-certificates'
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

export interface CertificateSources {
  /** PEM files whose certificates the host trusts. */
  readonly bundles: readonly string[]
  /** A folder of the certificates that the host's distribution ships. */
  readonly distribution: string
}

/** Where this host keeps its trust: the system's bundle, and what Node.js and OpenSSL are told by the environment. */
export function hostCertificateSources (env: Readonly<Record<string, string | undefined>>): CertificateSources {
  const named = [env['NODE_EXTRA_CA_CERTS'], env['SSL_CERT_FILE']].filter((file): file is string => file !== undefined && file !== '')
  return { bundles: [...named, ...SYSTEM_BUNDLES], distribution: DISTRIBUTION_CERTIFICATES }
}

/**
 * The certificates that somebody added to this host, such as a company's proxy: those of its bundles that neither
 * Node.js nor the host's distribution ships. An old distribution still ships authorities that have lost their trust
 * since; they must not come back into an image through here.
 */
export async function findExtraCertificates ({ bundles, distribution }: CertificateSources): Promise<ContextFile[]> {
  const wellKnown = new Set([...rootCertificates, ...await readDistribution(distribution)].map(fingerprintOf))
  const extra = new Map<string, string>()
  for (const bundle of bundles) {
    for (const pem of parsePem(await readIfThere(bundle))) {
      const fingerprint = fingerprintOf(pem)
      if (!wellKnown.has(fingerprint)) extra.set(fingerprint, pem)
    }
  }
  return [...extra].sort(([a], [b]) => (a < b ? -1 : 1)).map(([fingerprint, pem]) => ({
    // update-ca-certificates takes files that end in .crt, one certificate each.
    path: `certificates/${fingerprint.replaceAll(':', '').toLowerCase().slice(0, 16)}.crt`,
    isExecutable: false,
    content: Buffer.from(`${pem}\n`)
  }))
}

async function readDistribution (folder: string): Promise<string[]> {
  let names: string[]
  try {
    names = await readdir(folder, { recursive: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const files = names.filter((name) => name.endsWith('.crt')).map((name) => join(folder, name))
  return (await Promise.all(files.map(readIfThere))).flatMap(parsePem)
}

function parsePem (text: string): string[] {
  return text.match(PEM) ?? []
}

function fingerprintOf (pem: string): string {
  return new X509Certificate(pem).fingerprint256
}

async function readIfThere (file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
