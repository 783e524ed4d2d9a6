import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth, type ErrorBody } from '../support/berth.ts'

let berth: Berth
let docker: DockerClient
beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  berth = await startBerth({ EXEC_CONCURRENCY: '4', EXEC_QUEUE: '50' })
})
afterAll(async () => {
  await berth.stop()
  await docker.close()
})

async function refusal (response: Response): Promise<ErrorBody & { retryAfter: string | null }> {
  const body = await response.json() as ErrorBody
  expect(body.statusCode).toBe(response.status)
  expect(body.requestId).toBe(response.headers.get('x-request-id'))
  expect(body.message).not.toMatch(/\/work|node_modules|at .*\.ts/)
  return { ...body, retryAfter: response.headers.get('retry-after') }
}

const send = async (init: RequestInit): Promise<Response> => await fetch(`${berth.origin}/api/execute`, {
  method: 'POST',
  ...init,
  headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json', ...init.headers as Record<string, string> }
})

describe('bad requests', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['an unknown language', { language: 'cobol', code: '' }, 'UNKNOWN_LANGUAGE', /bun, javascript, python/],
    ['an empty object', {}, 'VALIDATION_FAILED', /language/],
    ['wrong types', { language: 7, code: [], timeout: '5' }, 'VALIDATION_FAILED', /language .*; code .*; timeout /],
    ['a field that does not exist', { language: 'python', code: '', memory: 1 }, 'VALIDATION_FAILED', /memory/],
    ['negative limits', { language: 'python', code: '', timeout: -1 }, 'VALIDATION_FAILED', /timeout/],
    ['huge limits', { language: 'python', code: '', timeout: 1e9 }, 'BAD_LIMIT', /1 to 60000 ms/],
    ['a NUL in a name', { language: 'python', files: [{ path: 'a\0', content: '' }] }, 'BAD_PATH', /NUL/],
    ['a path that leaves', { language: 'python', files: [{ path: '../a', content: '' }] }, 'BAD_PATH', /"\.\."/],
    ['10,000 files', { language: 'python', files: Array.from({ length: 10_000 }, (_, i) => ({ path: `${i}`, content: '' })) }, 'BAD_REQUEST', /10000/],
    ['10,000 wrong files', { language: 'python', files: Array.from({ length: 10_000 }, () => 1) }, 'VALIDATION_FAILED', /files/],
    ['broken base64', { language: 'python', files: [{ path: 'a', content: '%', encoding: 'base64' }] }, 'BAD_REQUEST', /base64/]
  ])('%s is refused with 400', async (_name, body, code, message) => {
    const response = await send({ body: JSON.stringify(body) })
    expect(response.status).toBe(400)
    expect(await refusal(response)).toMatchObject({ code, error: 'Bad Request', message: expect.stringMatching(message) })
  })

  it('names each wrong field', async () => {
    const { details } = await refusal(await send({ body: JSON.stringify({ language: 'python', files: [{ path: 1 }], input: 5 }) }))
    expect(details?.map(({ field }) => field).sort()).toEqual(['files.0.content', 'files.0.path', 'input'])
  })

  it.each<[string, RequestInit, number, string]>([
    ['no body', {}, 400, 'BAD_REQUEST'],
    ['broken JSON', { body: '{"language":' }, 400, 'BAD_REQUEST'],
    ['JSON that is no object', { body: '[]' }, 400, 'VALIDATION_FAILED'],
    ['bytes that are not UTF-8', { body: Buffer.concat([Buffer.from('{"language":"python","code":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')]) }, 400, 'BAD_REQUEST'],
    ['another content type', { body: 'language=python', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a prototype', { body: '{"language":"python","code":"","__proto__":{}}' }, 400, 'BAD_REQUEST'],
    ['no key', { body: '{}', headers: { 'X-API-Key': '' } }, 401, 'UNAUTHENTICATED'],
    ['a wrong key', { body: '{}', headers: { 'X-API-Key': 'brt_wrong' } }, 401, 'UNAUTHENTICATED']
  ])('%s is refused', async (_name, init, status, code) => {
    const response = await send(init)
    expect(response.status).toBe(status)
    expect((await refusal(response)).code).toBe(code)
  })

  it('100 MB are refused without being read', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${berth.origin}/api/execute`, {
        method: 'POST',
        headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json', 'Content-Length': 100 * 2 ** 20 }
      }, (response) => {
        resolve(response.statusCode)
        response.resume()
        request.destroy()
      })
      request.on('error', reject)
      request.write('{"language":"python","code":"')
    })
    expect(status).toBe(413)
  })

  it('a body of unknown length is cut at the limit', async () => {
    async function * chunks () {
      yield Buffer.from('{"language":"python","code":"')
      for (let i = 0; i < 100; i++) yield Buffer.alloc(2 ** 20, 'x')
    }
    const outcome = await send({ body: ReadableStreamFrom(chunks()), duplex: 'half' })
      .then((response) => response.status, (error: Error) => error)
    // Whoever still sends when the answer comes may see the connection closed instead.
    expect(outcome === 413 || outcome instanceof TypeError).toBe(true)
    expect((await berth.get('/health')).status).toBe(200)
  })

  it('the server goes on serving', async () => {
    expect(await berth.execute({ language: 'python', code: 'print(1)' })).toMatchObject({ output: '1\n' })
  })
})

describe('the key', () => {
  it('is taken as X-API-Key and as Bearer', async () => {
    const body = JSON.stringify({ language: 'python', code: 'print(1)' })
    const bearer = await fetch(`${berth.origin}/api/execute`, { method: 'POST', body, headers: { Authorization: `Bearer ${berth.key}`, 'Content-Type': 'application/json' } })
    expect(bearer.status).toBe(200)
  })
})

describe('a client that goes away', () => {
  it('takes its run with it', async () => {
    const controller = new AbortController()
    const running = berth.post({ language: 'python', code: 'import subprocess, time\nsubprocess.Popen(["sleep", "7777"])\ntime.sleep(7777)', timeout: 60_000 }, { signal: controller.signal })
    const processes = async (): Promise<string[]> => {
      const containers = await docker.containers.list({ filters: { label: [`berth.instance=${berth.instanceId}`] } })
      const tops = await Promise.all(containers.map(async ({ Id }) => await docker.containers.top(Id).catch(() => ({ Processes: [] }))))
      return tops.flatMap(({ Processes }) => Processes.map((row) => row.at(-1) ?? ''))
    }
    await waitFor('the program to run', async () => (await processes()).some((command) => command.includes('7777')))
    controller.abort()
    await expect(running).rejects.toThrow()
    await waitFor('its processes to be gone', async () => !(await processes()).some((command) => command.includes('7777')))
    await waitFor('its place to be free', async () => ((await (await berth.get('/api/system')).json()) as { capacity: { running: number } }).capacity.running === 0)
  })
})

describe('a thousand requests at once', () => {
  it('are all answered, with a result or with 429 and Retry-After', async () => {
    const answers = await Promise.all(Array.from({ length: 1000 }, async (_, i) => {
      const response = await berth.post({ language: 'python', code: `print(${i})` })
      const body = await response.json() as { output: string }
      if (response.status === 200) expect(body.output).toBe(`${i}\n`)
      else expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
      return response.status
    }))
    const count = (status: number) => answers.filter((answer) => answer === status).length
    expect(count(200) + count(429)).toBe(1000)
    expect(count(200)).toBeGreaterThanOrEqual(54)
    expect(count(429)).toBeGreaterThan(0)
    expect(await berth.execute({ language: 'python', code: 'print("after")' })).toMatchObject({ output: 'after\n' })
  })
})

describe('catalogue and health', () => {
  it('lists the languages to anybody', async () => {
    const response = await fetch(`${berth.origin}/api/languages`)
    const { languages } = await response.json() as { languages: Array<Record<string, unknown>> }
    expect(languages.map(({ language, ready }) => [language, ready])).toEqual([['bun', true], ['javascript', true], ['python', true]])
    expect(languages[2]).toEqual({
      language: 'python',
      name: 'Python',
      version: expect.stringMatching(/^3\.13\.\d+$/),
      aliases: expect.arrayContaining(['py']),
      kind: 'interpreted',
      extension: 'py',
      image: expect.stringMatching(/^berth\/python:[0-9a-f]{12}$/),
      limits: { timeout: expect.any(Number), memory: expect.any(Number), cpus: expect.any(Number) },
      ready: true,
      mainFile: 'main.py',
      starter: 'print("Hello, world")\n',
      project: {
        image: expect.stringMatching(/^berth\/python(-project)?:[0-9a-f]{12}$/),
        ready: expect.any(Boolean),
        step: null,
        memory: 1024 ** 3,
        tools: expect.arrayContaining(['pip']),
        languageServers: ['python'],
        formatters: [],
        packages: true
      }
    })
  })

  it('tells anybody of one language, by any of its names', async () => {
    const one = await (await fetch(`${berth.origin}/api/languages/NodeJS`)).json()
    expect(one).toMatchObject({ language: 'javascript', ready: true, extensions: expect.arrayContaining(['js', 'mjs']), mainFile: 'main.js', commands: { compile: null, run: expect.arrayContaining(['{main}']) }, project: { languageServers: expect.arrayContaining(['typescript', 'css']) } })
    const response = await fetch(`${berth.origin}/api/languages/${encodeURIComponent('c++--')}`)
    expect([response.status, await response.json()]).toEqual([404, expect.objectContaining({ code: 'LANGUAGE_NOT_FOUND', message: expect.stringContaining('GET /api/languages') })])
    expect((await fetch(`${berth.origin}/api/languages/${'x'.repeat(65)}`)).status).toBe(400)
  })

  it('describes the system to who has a key', async () => {
    expect((await fetch(`${berth.origin}/api/system`)).status).toBe(401)
    expect(await (await berth.get('/api/system')).json()).toMatchObject({
      engine: { reachable: true, version: expect.any(String), apiVersion: expect.any(String) },
      capacity: { running: 0, queued: 0, concurrency: 4, sessions: { running: 0, queued: 0, concurrency: expect.any(Number) }, warm: { python: expect.any(Number) } },
      latency: { p50: expect.any(Number) }
    })
  })

  it('is healthy and ready', async () => {
    expect((await fetch(`${berth.origin}/health`)).status).toBe(200)
    expect(await (await fetch(`${berth.origin}/ready`)).json()).toMatchObject({ status: 'ready', engine: true })
  })

  it('keeps a sane request id and replaces any other', async () => {
    const id = async (given: string) => (await fetch(`${berth.origin}/health`, { headers: { 'X-Request-ID': given } })).headers.get('x-request-id')
    expect(await id('trace-7.a:b')).toBe('trace-7.a:b')
    expect(await id('has space')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await id('x'.repeat(200))).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('answers what does not exist in the shape of every error', async () => {
    const response = await fetch(`${berth.origin}/nothing/here?secret=1`)
    expect(response.status).toBe(404)
    const body = await refusal(response)
    expect(body).toMatchObject({ code: 'NOT_FOUND', error: 'Not Found' })
    expect(body.message).not.toContain('secret')
  })

  it('documents itself', async () => {
    const document = await (await fetch(`${berth.origin}/docs/json`)).json() as { openapi: string, paths: Record<string, object> }
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/api/execute', '/api/languages', '/api/system', '/health', '/ready']))
    const page = await fetch(`${berth.origin}/docs`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
  })
})

function ReadableStreamFrom (chunks: AsyncGenerator<Buffer>): ReadableStream {
  return new ReadableStream({
    async pull (controller) {
      const { done, value } = await chunks.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    }
  })
}
