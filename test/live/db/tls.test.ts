import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient } from '../../../src/db/client.ts'
import { openDatabase } from '../../../src/db/open.ts'
import { startDatabaseServer } from '../../support/test-database.ts'

let database: Awaited<ReturnType<typeof startDatabaseServer>>
let directory: string
let server: Server
let certificates: Record<'good' | 'other', { cert: string, key: string }>
const sockets = new Set<Socket>()
let encrypted = 0

/** Asked for by a client before anything else; what follows "S" is TLS. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

async function makeCertificate (name: string): Promise<{ cert: string, key: string }> {
  const [cert, key] = [path.join(directory, `${name}.pem`), path.join(directory, `${name}.key`)]
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert])
  return { cert, key }
}

/** PostgreSQL that takes nobody without TLS. The embedded one listens on a unix socket alone, where there is none. */
beforeAll(async () => {
  database = await startDatabaseServer()
  directory = await mkdtemp(path.join(tmpdir(), 'berth-tls-'))
  certificates = { good: await makeCertificate('good'), other: await makeCertificate('other') }
  const { cert, key } = certificates.good
  const identity = { cert: await readFile(cert), key: await readFile(key) }
  server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)))
    socket.once('data', (chunk) => {
      if (!chunk.equals(SSL_REQUEST)) {
        socket.destroy()
        return
      }
      socket.write('S')
      const near = new TLSSocket(socket, { isServer: true, ...identity })
      const far = connect(database.socketPath)
      near.once('secure', () => { encrypted++ }).on('error', () => far.destroy()).on('close', () => far.destroy()).pipe(far)
      far.on('error', () => near.destroy()).on('close', () => near.destroy()).pipe(near)
    })
  }).listen(0, 'localhost')
  await once(server, 'listening')
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  server.close()
  await database.stop()
  await rm(directory, { recursive: true })
})

function urlWith (parameters: Record<string, string>, host = 'localhost'): string {
  const url = new URL(database.url)
  url.hostname = host
  url.port = String((server.address() as AddressInfo).port)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

describe('a database behind TLS', () => {
  it('is reached by queries, transactions and notifications, when its certificate is the one that is trusted', async () => {
    const address = { url: urlWith({ sslmode: 'verify-full', sslrootcert: certificates.good.cert }) }
    const { db, close } = openDatabase(address)
    expect((await db.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }])
    expect(await db.transaction(async (transaction) => (await transaction.execute(sql`select 2 as two`)).rows)).toEqual([{ two: 2 }])
    const heard: string[] = []
    const client = openClient(address, { onnotify: (_channel, payload) => void heard.push(payload) })
    await client.query('listen news')
    await db.execute(sql`select pg_notify('news', 'over TLS')`)
    await client.query('select 1')
    await expect.poll(() => heard).toEqual(['over TLS'])
    expect(encrypted).toBeGreaterThanOrEqual(2)
    await client.end()
    await close()
  })

  it.each<[string, () => string]>([
    ['whose certificate is somebody else\'s', () => urlWith({ sslmode: 'verify-full', sslrootcert: certificates.other.cert })],
    ['whose certificate nobody has signed', () => urlWith({ sslmode: 'verify-full' })],
    ['that takes nobody without it, when it is not asked for', () => urlWith({ sslmode: 'disable' })]
  ])('is not talked to, %s', async (_what, url) => {
    const { db, close } = openDatabase({ url: url() })
    await expect(db.execute(sql`select 1`)).rejects.toThrow()
    await close()
  })
})
