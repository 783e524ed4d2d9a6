import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import openapi from '../../../src/plugins/openapi.ts'

let app: FastifyInstance

beforeAll(async () => {
  app = Fastify()
  await app.register(openapi, { version: '1.2.3' })
})
afterAll(async () => await app.close())

interface Document {
  readonly info: { readonly description: string, readonly version: string }
  readonly servers: ReadonlyArray<{ readonly url: string }>
}

describe('the documentation', () => {
  it.each(['berth.example.org', 'localhost:3080'])('has a first call that works where it is read, at %s', async (host) => {
    const { info, servers } = (await app.inject({ url: '/docs/json', headers: { Host: host } })).json<Document>()
    expect(servers).toEqual([{ url: `http://${host}` }])
    expect(info.description).toContain(`curl -s http://${host}/api/execute `)
    expect(info.version).toBe('1.2.3')
  })

  it('is a page that nobody frames, which loads nothing from elsewhere, by plain http too', async () => {
    const policy = String((await app.inject({ url: '/docs', headers: { Host: 'localhost' } })).headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'; script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/upgrade-insecure-requests|https:/)
  })

  it('has nothing of one reader for the next', async () => {
    await app.inject({ url: '/docs/json', headers: { Host: 'first.example.org' } })
    expect((await app.inject({ url: '/docs/json', headers: { Host: 'second.example.org' } })).body).not.toContain('first.example.org')
  })
})
