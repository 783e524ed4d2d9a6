import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBerth, type Berth, type ErrorBody } from '../support/berth.ts'
import { withKey, type Client } from '../support/client.ts'

interface Build { image: string, reference: string, state: string, step: string | null, log?: string }

let berth: Berth
let admin: Client
beforeAll(async () => {
  berth = await startBerth({ RUNTIMES: 'python' })
  admin = withKey(berth.origin, berth.key)
})
afterAll(async () => await berth.stop())

describe('the images of sandboxes', () => {
  it('are listed with their state, and shown one by one', async () => {
    const { body } = await admin.call<{ builds: Build[] }>('GET', '/api/builds')
    expect(body.builds.map(({ image }) => image).sort()).toEqual(['agent', 'base', 'python'])
    expect(new Set(body.builds.map(({ state }) => state))).toEqual(new Set(['ready']))
    const { body: { build } } = await admin.call<{ build: Build }>('GET', '/api/builds/python')
    expect(build).toEqual({ ...body.builds.find(({ image }) => image === 'python'), log: '' })
    expect((await admin.call<ErrorBody>('GET', '/api/builds/cobol')).body.code).toBe('IMAGE_NOT_FOUND')
  })

  it('are not built by a server that was not told to', async () => {
    expect(await admin.call<ErrorBody>('POST', '/api/builds')).toMatchObject({ status: 409, body: { code: 'BUILDS_OFF' } })
  })
})
