import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { WebSocket } from 'ws'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { signUp } from './projects/user.ts'
import { startBerth, type Berth } from './support/berth.ts'

interface Span { traceId: string, spanId: string, parentSpanId?: string, name: string, attributes: Array<{ key: string, value: { stringValue?: string } }>, status: { code?: number } }
interface Export { resourceSpans: Array<{ resource: { attributes: Span['attributes'] }, scopeSpans: Array<{ spans: Span[] }> }> }

const exported: Export[] = []
let collector: Server
let berth: Berth

beforeAll(async () => {
  collector = createServer((request, response) => {
    void json(request).then((body) => {
      if (request.url === '/v1/traces') exported.push(body as Export)
      response.setHeader('Content-Type', 'application/json').end('{}')
    })
  })
  collector.listen(0, '127.0.0.1')
  await once(collector, 'listening')
  // The library's own variable: how long it gathers.
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '200')
  berth = await startBerth({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/` })
})
afterAll(async () => {
  await berth.stop()
  collector.closeAllConnections()
  collector.close()
})

const spans = () => exported.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)))
const attribute = (span: Span, name: string) => span.attributes.find(({ key }) => key === name)?.value.stringValue

/** The request's own span, and all of its trace, once both have been sent. */
async function traceOf (requestId: string) {
  const request = await waitFor('the trace', () => spans().find((span) => attribute(span, 'berth.request_id') === requestId), 30_000)
  return { request, all: spans().filter(({ traceId }) => traceId === request.traceId) }
}

describe('traces', () => {
  it('lead from a request to the operation of the agent that ran the program', async () => {
    const response = await berth.post({ language: 'python', code: 'print(1)' })
    const { request, all } = await traceOf(response.headers.get('x-request-id') ?? '')
    expect(request.name).toBe('POST /api/execute')
    expect(all.map(({ name }) => name)).toContain('agent RUN')
    expect(exported[0]?.resourceSpans[0]?.resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'berth' } })
  })

  it('lead to the calls to the Engine, and say what has failed', async () => {
    const user = await signUp(berth.origin)
    const { id } = await user.createProject()
    const response = await user.send('POST', `/projects/${id}/start`)
    expect(response.status).toBe(200)
    const { all } = await traceOf(response.headers.get('x-request-id') ?? '')
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(['POST /projects/:id/start', 'Engine containerCreate', 'Engine containerStart']))
    const missing = await user.send('GET', `/projects/${id}/files/missing`)
    expect(missing.status).toBe(404)
    const failed = (await traceOf(missing.headers.get('x-request-id') ?? '')).all.filter(({ status }) => status.code === 2)
    expect(failed.map(({ name }) => name)).toContain('agent READ')
    await user.remove(id)
  })

  it('have the beginning of a socket, and nothing of what goes through it', async () => {
    const socket = new WebSocket(`${berth.origin.replace('http', 'ws')}/api/execute`, { headers: { 'X-API-Key': berth.key, 'X-Request-ID': 'through-a-socket' } })
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'execute', language: 'python', code: 'print(1)' }))
    await once(socket, 'close')
    const { request, all } = await traceOf('through-a-socket')
    expect(all).toEqual([request])
  })

  it('tell nothing of queries, and go on from whoever asks', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const response = await fetch(`${berth.origin}/api/languages?token=very-private`, { headers: { 'X-API-Key': berth.key, traceparent: `00-${traceId}-b7ad6b7169203331-01` } })
    const { request } = await traceOf(response.headers.get('x-request-id') ?? '')
    expect(request).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' })
    expect(JSON.stringify(exported)).not.toContain('very-private')
  })

  it('have nothing of those who look after the server, and of work that is nobody\'s request', async () => {
    for (const path of ['/health', '/ready', '/metrics']) await berth.get(path)
    const response = await berth.get('/api/system')
    await traceOf(response.headers.get('x-request-id') ?? '')
    expect(spans().filter(({ parentSpanId, name }) => parentSpanId === undefined && !/^(GET|POST|DELETE) \/(api|auth|projects)/.test(name))).toEqual([])
  })
})
