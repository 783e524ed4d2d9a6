import { randomUUID } from 'node:crypto'
import type { ExecResult } from '../../../src/projects/exec/schemas.ts'
import type { Project, ProjectStatusReport } from '../../../src/projects/core/schemas.ts'

export interface Answer<T> {
  readonly status: number
  readonly body: T
}

export type User = Awaited<ReturnType<typeof signUp>>

/** A new user of the server, with a key. */
export async function signUp (origin: string) {
  const email = `${randomUUID()}@example.org`
  const signedUp = await fetch(`${origin}/auth/signup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: origin },
    body: JSON.stringify({ email, password: `long and ${randomUUID()}` })
  })
  if (signedUp.status !== 201) throw new Error(`${signedUp.status} ${await signedUp.text()}`)
  const cookie = (signedUp.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const made = await fetch(`${origin}/auth/keys`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: origin, Cookie: cookie },
    body: JSON.stringify({ name: 'test' })
  })
  const { key } = await made.json() as { key: string }
  return userWithKey(origin, key)
}

/** Also of another server on the same database. */
export function userWithKey (origin: string, key: string) {
  async function send (method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<Response> {
    return await fetch(origin + path, {
      method,
      headers: { 'X-API-Key': key, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...init
    })
  }

  async function call<T = Record<string, unknown>> (method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const response = await send(method, path, body)
    const text = await response.text()
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as T }
  }

  /** Insists on success. */
  async function get<T> (method: string, path: string, body?: unknown): Promise<T> {
    const answer = await call<T>(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  return {
    key,
    send,
    call,
    createProject: async (more: Record<string, unknown> = {}) => await get<Project>('POST', '/projects', { name: 'test', runtime: 'python', ...more }),
    start: async (id: string) => await get<ProjectStatusReport>('POST', `/projects/${id}/start`),
    stop: async (id: string) => await get<ProjectStatusReport>('POST', `/projects/${id}/stop`),
    status: async (id: string) => await get<ProjectStatusReport>('GET', `/projects/${id}/status`),
    exec: async (id: string, cmd: string | string[], more: Record<string, unknown> = {}) => await get<ExecResult>('POST', `/projects/${id}/exec`, { cmd, ...more }),
    remove: async (id: string) => { await get('DELETE', `/projects/${id}`) }
  }
}
