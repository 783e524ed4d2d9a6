import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { CredentialRepo, CredentialRow } from '../../../src/projects/git/credentials/repo.ts'
import { createCredentialService } from '../../../src/projects/git/credentials/service.ts'
import { createSeal } from '../../../src/lib/seal.ts'

const KEY = 'k'.repeat(32)

function createService (rows = new Map<string, CredentialRow>()) {
  const repo: CredentialRepo = {
    list: async () => [...rows.values()],
    find: async (projectId, host) => rows.get(`${projectId} ${host}`),
    set: async (row) => { rows.set(`${row.projectId} ${row.host}`, { ...row, updatedAt: new Date(0) }); return true },
    remove: async (projectId, host) => rows.delete(`${projectId} ${host}`),
    sealedOtherwise: async () => [],
    replace: async () => undefined
  }
  return createCredentialService({ repo, seal: createSeal([KEY], 'a test'), log: { warn: () => undefined } })
}

describe('a credential', () => {
  it('is for its host by https, with its port, of its project, and for nothing else', async () => {
    const credentials = createService()
    await credentials.set('p', 'example.org', { username: 'me', password: 'first' })
    await credentials.set('p', 'example.org:8443', { username: 'me', password: 'second' })
    const passwordFor = async (address: string, project = 'p') => (await credentials.for(project, address)).env?.BERTH_GIT_PASSWORD
    expect(await passwordFor('https://example.org/a.git')).toBe('first')
    expect(await passwordFor('https://EXAMPLE.org:443/a')).toBe('first')
    expect(await passwordFor('https://you@example.org:8443/a')).toBe('second')
    for (const address of ['http://example.org/a', 'https://example.org.evil.example/a', 'https://evil.example/example.org', 'https://example.org@evil.example/a', 'ssh://example.org/a', 'git@example.org:a', '/example.org', '']) {
      expect(await credentials.for('p', address), address).toEqual({})
    }
    expect(await passwordFor('https://example.org/a', 'other')).toBeUndefined()
  })

  it('is opened only for the host that it was set for', async () => {
    const rows = new Map<string, CredentialRow>()
    const credentials = createService(rows)
    await credentials.set('p', 'example.org', { username: 'me', password: 's3cret' })
    const row = rows.get('p example.org')
    if (row !== undefined) rows.set('p evil.example', { ...row, host: 'evil.example' })
    await expect(credentials.for('p', 'https://evil.example/a')).rejects.toMatchObject({ code: 'SECRETS_SEALED', message: expect.not.stringContaining('s3cret') })
  })

  it('is told by a helper that asks for it, as it is, in the place of all others', async () => {
    const credentials = createService()
    const password = '%s\\n$(touch x)`y`"\' -e ü'
    await credentials.set('p', 'example.org', { username: '-n', password })
    const { env, configuration = [] } = await credentials.for('p', 'https://example.org/a')
    expect(configuration[0]).toEqual(['credential.https://example.org.helper', ''])
    expect(JSON.stringify(configuration)).not.toContain('touch')
    const settings = [['credential.helper', '!echo password=other; true'], ...configuration].flatMap(([key, value]) => ['-c', `${key}=${value}`])
    const fill = (host: string): string => execFileSync('git', [...settings, 'credential', 'fill'], { input: `protocol=https\nhost=${host}\nusername=me\n\n`, env: { ...env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' } }).toString()
    expect(fill('example.org')).toBe(`protocol=https\nhost=example.org\nusername=-n\npassword=${password}\n`)
    expect(fill('other.example')).toContain('password=other\n')
  })

  it.each(['Example.org', 'example.org:443', 'a b', 'a/b', '', 'me@example.org', '[::1', 'x:99999'])('is not kept for %j', async (host) => {
    await expect(createService().set('p', host, { username: 'a', password: 'b' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })
})
