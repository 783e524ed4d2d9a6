import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { get, request, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { createDatabase } from '../../support/test-database.ts'
import { startProjectsBerth } from '../projects/berth.ts'
import { startCrashingBerth } from '../projects/crashing-berth.ts'
import { signUp, type User } from '../projects/user.ts'
import { filesOf, type Files } from './client.ts'

const MIB = 1024 ** 2
const LARGE = 200 * MIB

let database: Awaited<ReturnType<typeof createDatabase>>
// In a process of its own, whose memory is the server's alone.
let server: Awaited<ReturnType<typeof startCrashingBerth>>
let user: User
let id: string
let files: Files
beforeAll(async () => {
  database = await createDatabase(inject('databaseServerUrl'))
  server = await startCrashingBerth({ databaseUrl: database.url, leaseMs: 15_000 })
  user = await signUp(server.origin)
  ;({ id } = await user.createProject())
  files = filesOf(server.origin, user, id)
})
afterAll(async () => {
  await user.remove(id)
  await server.stop()
  await database.drop()
})

async function memoryOf (field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024
}

function * pieces (): Generator<Buffer> {
  const piece = Buffer.alloc(MIB)
  for (let number = 0; number < LARGE / MIB; number++) yield piece.fill(number)
}

function digest (): string {
  const hash = createHash('sha256')
  for (const piece of pieces()) hash.update(piece)
  return hash.digest('hex')
}

async function upload (path: string): Promise<number | undefined> {
  const sending = request(`${files.base}/${path}`, { method: 'PUT', headers: { 'X-API-Key': user.key } })
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>
  for (const piece of pieces()) {
    if (!sending.write(Buffer.from(piece))) await once(sending, 'drain')
  }
  sending.end()
  const [response] = await answered
  response.resume()
  return response.statusCode
}

async function open (path: string): Promise<IncomingMessage> {
  const [response] = await once(get(`${files.base}/${path}`, { headers: { 'X-API-Key': user.key } }), 'response') as [IncomingMessage]
  return response
}

it('large files go up and down without being held', async () => {
  await files.put('first', 'so that everything is loaded')
  const before = await memoryOf('VmRSS')
  expect(await upload('large')).toBe(201)
  const hash = createHash('sha256')
  for await (const chunk of await open('large')) hash.update(chunk as Buffer)
  expect(hash.digest('hex')).toBe(digest())
  expect(await memoryOf('VmHWM') - before).toBeLessThan(LARGE / 2)
}, 120_000)

it('clients that do not read cost little memory, and delay nobody', async () => {
  const before = await memoryOf('VmRSS')
  const readers = await Promise.all(Array.from({ length: 16 }, async () => await open('large')))
  await files.put('beside', 'them')
  expect(await files.text('beside')).toBe('them')
  expect(await memoryOf('VmRSS') - before).toBeLessThan(50 * MIB)
  for (const reader of readers) reader.destroy()
  // Their places are free again.
  await Promise.all(Array.from({ length: 60 }, async () => expect(await files.text('beside')).toBe('them')))
})

it('a file that shrinks while it is sent ends the connection, not in other bytes', async () => {
  await user.start(id)
  const reader = await open('large')
  await user.exec(id, 'truncate -s 1000 large')
  let received = 0
  const reading = (async () => {
    for await (const chunk of reader) received += (chunk as Buffer).length
  })()
  await expect(reading).rejects.toThrow('aborted')
  expect(received).toBeLessThan(LARGE)
  await user.stop(id)
})

it('a client that goes on with a body that was refused gets its answer, and is then cut off', async () => {
  const sending = request(`${files.base}/.berth-refused`, { method: 'PUT', headers: { 'X-API-Key': user.key } })
  // Not by once(), which fails with the reset that this ends in.
  const closed = new Promise<void>((resolve) => { sending.once('close', resolve) })
  const goOn = (): void => { if (!sending.destroyed) sending.write(Buffer.alloc(1_000), () => setImmediate(goOn)) }
  sending.on('error', () => undefined)
  goOn()
  const [response] = await once(sending, 'response') as [IncomingMessage]
  expect(response.statusCode).toBe(400)
  response.resume().on('error', () => undefined)
  await closed
})

it('a server that dies leaves no sandbox behind when the next one has come', async () => {
  const crashing = await startCrashingBerth({ databaseUrl: database.url, leaseMs: 15_000 })
  await filesOf(crashing.origin, user, id).put('kept', 'by the dead')
  crashing.kill()
  await crashing.exited
  const next = await startProjectsBerth({ DATABASE_URL: database.url })
  const { docker, projects } = next.app
  const label = [`berth.instance=${projects.instanceId}`, 'berth.kind=files']
  expect(await filesOf(next.origin, user, id).text('kept')).toBe('by the dead')
  const boots = async () => new Set((await docker.containers.list({ all: true, filters: { label } })).map(({ Labels }) => Labels['berth.boot']))
  // Of the server that is up since the beginning, and of the newest.
  await expect.poll(async () => (await boots()).size, { timeout: 40_000 }).toBe(2)
  await next.stop()
}, 90_000)
