import { describe, expect, it } from 'vitest'
import { ApiError, createApi } from '../../../src/client/rest/client.ts'

function apiThatAnswers (response: Response | Error) {
  const calls: Array<[string, RequestInit]> = []
  const api = createApi(async (path, init) => {
    calls.push([path as string, init ?? {}])
    if (response instanceof Error) throw response
    return response
  })
  return { api, calls }
}

describe('the pages\' client of the API', () => {
  it('sends and receives JSON', async () => {
    const { api, calls } = apiThatAnswers(Response.json({ id: 1 }, { status: 201 }))
    expect(await api.post('/projects', { name: 'x' })).toEqual({ id: 1 })
    expect(calls).toEqual([['/projects', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"name":"x"}' }]])
  })

  it('sends no content type without a body', async () => {
    const { api, calls } = apiThatAnswers(new Response(null, { status: 204 }))
    await api.delete('/projects/1')
    expect(calls).toEqual([['/projects/1', { method: 'DELETE' }]])
  })

  it.each([
    ['the API\'s own words', Response.json({ code: 'PROJECT_QUOTA', message: 'Delete one first' }, { status: 429 }), new ApiError(429, 'PROJECT_QUOTA', 'Delete one first')],
    ['the status of what is no answer of the API', new Response('<h1>Bad Gateway</h1>', { status: 502, statusText: 'Bad Gateway' }), new ApiError(502, 'UNKNOWN', 'The server answered 502 Bad Gateway')],
    ['an unreachable server', new TypeError('Failed to fetch'), new ApiError(0, 'UNREACHABLE', 'The server does not answer. Is it still running?')]
  ])('throws %s', async (_, answer, error) => {
    const { statusCode, code, message } = error
    await expect(apiThatAnswers(answer).api.get('/projects')).rejects.toMatchObject({ name: 'ApiError', statusCode, code, message })
  })
})
