import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import errorHandler from '../../../src/plugins/error-handler.ts'
import security from '../../../src/plugins/security.ts'
import web from '../../../src/plugins/web.ts'
import { oldPaths, pagePaths } from '../../../src/protocols/pages.ts'

let directory: string
let app: FastifyInstance

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-web-'))
  await mkdir(path.join(directory, 'dist/assets'), { recursive: true })
  await writeFile(path.join(directory, 'secret.txt'), 'secret')
  await writeFile(path.join(directory, 'dist/index.html'), '<!doctype html>')
  await writeFile(path.join(directory, 'dist/.hidden'), 'hidden')
  await writeFile(path.join(directory, 'dist/assets/main-1a2b3c4d.js'), 'export {}')
  await writeFile(path.join(directory, 'dist/assets/main-1a2b3c4d.css'), ':root {}')
  await writeFile(path.join(directory, 'dist/assets/main-1a2b3c4d.js.br'), 'compressed by brotli')
  await writeFile(path.join(directory, 'dist/assets/main-1a2b3c4d.js.gz'), 'compressed by gzip')
  app = Fastify()
  await app.register(errorHandler)
  await app.register(security)
  app.get('/fails', () => { throw new Error('a secret of the server') })
  await app.register(web, { directory: path.join(directory, 'dist'), previews: { domain: 'localhost', publicUrl: undefined }, embedOrigins: ['https://course.example.org'] })
})

afterAll(async () => {
  await app.close()
  await rm(directory, { recursive: true })
})

const get = async (url: string, headers: Record<string, string> = {}) => await app.inject({ url, headers })

describe('the web pages', () => {
  it('are at / and under their names, as UTF-8, and are asked for again each time', async () => {
    for (const url of ['/', '/index.html']) {
      const page = await get(url)
      expect(page.statusCode).toBe(200)
      expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'public, max-age=0' })
    }
  })

  it('are not sent again to who has them', async () => {
    const { headers: { etag } } = await get('/')
    expect((await get('/', { 'If-None-Match': String(etag) })).statusCode).toBe(304)
  })

  it('allow no script but those of this origin, and no frame around them', async () => {
    const policy = String((await get('/')).headers['content-security-policy'])
    const directives = new Map(policy.split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ')
      return [name, sources.join(' ')]
    }))
    expect(Object.fromEntries(directives)).toMatchObject({ 'default-src': "'none'", 'script-src': "'self'", 'base-uri': "'none'", 'frame-ancestors': "'none'" })
    expect((await get('/')).headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
  })

  it('lead on from where they once were, with what was asked for', async () => {
    const answer = await get('/setup.html?a=1&b=%2F')
    expect([answer.statusCode, answer.headers.location]).toEqual([308, '/setup?a=1&b=%2F'])
    for (const old of Object.keys(oldPaths)) expect((await get(old)).headers.location).toBe(old.replace('.html', ''))
  })

  it.each([
    ['/files.html?project=p', '/p/p'],
    ['/files.html?project=p&file=src%2Fa.py%3A3', '/p/p?file=src%2Fa.py%3A3'],
    ['/terminal.html?project=p', '/p/p?terminal=latest'],
    ['/terminal.html?project=p&terminal=t', '/p/p?terminal=t'],
    ['/terminal.html?project=%2F%2Fevil.example%2F', '/p/%2F%2Fevil.example%2F?terminal=latest'],
    ['/files.html', '/'],
    ['/terminal.html?terminal=t', '/']
  ])('that the workbench has replaced lead there: %s', async (old, location) => {
    const answer = await get(old)
    expect([answer.statusCode, answer.headers.location]).toEqual([308, location])
  })

  it('may be in a frame of the origins that the operator has named, where it is for embedding, and no other page', async () => {
    const framing = async (url: string) => {
      const { headers } = await get(url, { Accept: 'text/html' })
      return [String(headers['content-security-policy']).split('; ').find((directive) => directive.startsWith('frame-ancestors')), headers['x-frame-options']]
    }
    expect(await framing('/embed')).toEqual(["frame-ancestors 'self' https://course.example.org", undefined])
    for (const page of pagePaths.filter((path) => path !== '/embed')) expect(await framing(page.replaceAll(/:\w+/g, 'x'))).toEqual(["frame-ancestors 'none'", 'SAMEORIGIN'])
    for (const other of ['/index.html', '/embed/x', '/nothing']) expect(await framing(other)).not.toContain("frame-ancestors 'self' https://course.example.org")
  })

  it.each([['js', 'application/javascript; charset=utf-8'], ['css', 'text/css; charset=utf-8']])('keep their %s for good: its name has its hash', async (extension, type) => {
    const asset = await get(`/assets/main-1a2b3c4d.${extension}`)
    expect(asset.headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable', 'content-type': type })
  })

  it.each([['br', 'gzip, deflate, br', 'brotli'], ['gzip', 'gzip', 'gzip']])('are sent as they were compressed when they were built, by %s', async (encoding, accepted, name) => {
    const asset = await get('/assets/main-1a2b3c4d.js', { 'Accept-Encoding': accepted })
    expect(asset.headers).toMatchObject({ 'content-encoding': encoding, 'content-type': 'application/javascript; charset=utf-8', vary: expect.stringMatching(/accept-encoding/i) })
    expect(asset.body).toBe(`compressed by ${name}`)
    expect((await get('/assets/main-1a2b3c4d.js')).body).toBe('export {}')
  })

  it('are under the one name that previews are below: whoever comes by an address of loopback is sent there', async () => {
    const html = { Accept: 'text/html' }
    for (const host of ['127.0.0.1:3000', '[::1]:3000', '127.0.0.2:3000']) {
      const answer = await get('/?next=%2Fa', { ...html, Host: host })
      expect([answer.statusCode, answer.headers.location, answer.headers['cache-control']]).toEqual([307, 'http://localhost:3000/?next=%2Fa', 'no-store'])
    }
    for (const host of ['localhost:3000', 'berth.example.org', '192.0.2.1:3000']) expect((await get('/', { ...html, Host: host })).statusCode).toBe(200)
    expect((await get('/', { Host: '127.0.0.1:3000' })).statusCode).toBe(200)
  })

  it('that fail are pages too, which tell nothing of the reason, and stay JSON for programs', async () => {
    const page = await get('/fails', { Accept: 'text/html' })
    expect([page.statusCode, page.headers['content-type']]).toEqual([500, 'text/html; charset=utf-8'])
    expect(page.body).toContain('Something went wrong')
    expect(page.body).not.toContain('a secret of the server')
    for (const accept of ['*/*', 'application/json']) {
      const answer = await get('/fails', { Accept: accept })
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([500, 'application/json; charset=utf-8'])
    }
  })

  it('that are not there are pages themselves, for whoever wants one', async () => {
    const answer = await get('/nothing<b>', { Accept: 'text/html,*/*' })
    expect(answer.statusCode).toBe(404)
    expect(answer.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'referrer-policy': 'same-origin' })
    expect(answer.body).toContain('There is no such page')
    expect(answer.body).not.toContain('<b>')
  })

  it.each([
    '/assets/main-1a2b3c4d.js.br', '/assets/', '/assets', '/.hidden', '/../secret.txt', '/%2e%2e/secret.txt', '/assets/..%2f..%2f..%2fsecret.txt', '/assets/%2e%2e/%2e%2e/secret.txt'
  ])('have nothing at %s', async (url) => {
    const answer = await get(url)
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({ code: 'NOT_FOUND' })
  })
})
