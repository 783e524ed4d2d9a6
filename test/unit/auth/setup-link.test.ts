import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSetupLink } from '../../../src/auth/setup-link.ts'
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts'
import { welcome } from '../../../src/welcome.ts'

let dataDir: string
beforeEach(async () => { dataDir = await makeDataDir() })
afterEach(async () => await removeDataDir(dataDir))

const tokenOf = (link: string): string => link.split('#')[1] ?? ''

describe('the link of the first administrator', () => {
  it('is the same at each start until it is used, and only its user can read it', async () => {
    const setup = await openSetupLink(dataDir)
    const link = await setup.write('https://berth.example.org')
    expect(link).toMatch(/^https:\/\/berth\.example\.org\/setup#[\w-]{43}$/)
    expect(await readFile(setup.file, 'utf8')).toBe(`${link}\n`)
    expect((await stat(setup.file)).mode & 0o777).toBe(0o600)
    const again = await openSetupLink(dataDir)
    expect(await again.write('https://berth.example.org')).toBe(link)
    await again.remove()
    await setup.remove()
    expect(tokenOf(await (await openSetupLink(dataDir)).write('http://localhost:3000'))).not.toBe(tokenOf(link))
  })

  it('is matched by its token alone', async () => {
    const setup = await openSetupLink(dataDir)
    const token = tokenOf(await setup.write('http://localhost:3000'))
    expect([token, '', token.slice(1), `${token}A`, token.toLowerCase(), 'A'.repeat(43)].map(setup.matches)).toEqual([true, false, false, false, false, false])
  })

  it('that somebody has broken stops the start, which says what to do', async () => {
    await writeFile(path.join(dataDir, 'setup-link'), 'http://localhost:3000/setup#short\n')
    await expect(openSetupLink(dataDir)).rejects.toThrow('holds no setup link: delete it')
  })
})

describe('what the start prints', () => {
  const options = { url: 'http://localhost:3000', origin: 'http://127.0.0.1:3000', apiKey: 'brt_secret', keyFile: '/data/api-key', setup: { link: 'http://localhost:3000/setup#token', file: '/data/setup-link' } }

  it('has the link where a person sees it, and its path where it may be a log', () => {
    expect(welcome({ ...options, isTerminal: true })).toContain('http://localhost:3000/setup#token')
    const logged = welcome({ ...options, isTerminal: false })
    expect(logged).toContain('the link is in /data/setup-link')
    expect(logged).not.toMatch(/#token|brt_secret/)
  })

  it('has none once there is an administrator', () => {
    expect(welcome({ ...options, isTerminal: true, setup: undefined })).not.toContain('administrator')
  })
})
