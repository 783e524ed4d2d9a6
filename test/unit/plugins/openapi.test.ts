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

  it('has nothing of one reader for the next', async () => {
    await app.inject({ url: '/docs/json', headers: { Host: 'first.example.org' } })
    expect((await app.inject({ url: '/docs/json', headers: { Host: 'second.example.org' } })).body).not.toContain('first.example.org')
  })
})
