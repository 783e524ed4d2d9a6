import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findExtraCertificates, hostCertificateSources } from '../../../../src/sandbox/images/certificates.ts'

let directory: string
let company: string
let distrusted: string

function selfSigned (name: string): string {
  const key = join(directory, `${name}.key`)
  return execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${name}`, '-keyout', key
  ], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'certificates-'))
  company = selfSigned('company')
  distrusted = selfSigned('distrusted')
  await mkdir(join(directory, 'distribution/mozilla'), { recursive: true })
  await writeFile(join(directory, 'distribution/mozilla/distrusted.crt'), distrusted)
  await writeFile(join(directory, 'system.pem'), [...rootCertificates.slice(0, 3), distrusted, company].join('\n'))
  await writeFile(join(directory, 'environment.pem'), company)
  await writeFile(join(directory, 'public.pem'), rootCertificates.slice(0, 2).join('\n'))
})

afterAll(async () => {
  await rm(directory, { recursive: true })
})

async function find (...bundles: string[]) {
  return await findExtraCertificates({ bundles: bundles.map((name) => join(directory, name)), distribution: join(directory, 'distribution') })
}

it('takes what somebody has added, and neither public authorities nor what the distribution ships', async () => {
  const [found, ...more] = await find('system.pem')
  expect(found?.content.toString().trim()).toBe(company.trim())
  expect(found?.path).toMatch(/^certificates\/[0-9a-f]{16}\.crt$/)
  expect(more).toEqual([])
})

it('finds nothing on a machine to which nothing was added', async () => {
  expect(await find('public.pem', 'missing.pem')).toEqual([])
})

it('takes a certificate once that several bundles hold, so that the environment alone changes no image', async () => {
  expect(await find('environment.pem', 'system.pem')).toEqual(await find('system.pem'))
})

it('looks where the environment says, an empty variable aside', () => {
  const { bundles } = hostCertificateSources({ NODE_EXTRA_CA_CERTS: '/a.pem', SSL_CERT_FILE: '' })
  expect(bundles[0]).toBe('/a.pem')
  expect(bundles).not.toContain('')
})
