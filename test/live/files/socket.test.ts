import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'
import { signUp as signUpWithCookie } from '../support/client.ts'
import { filesOf, openFilesSocket, type Files } from './client.ts'

let berth: Berth
let user: User
let id: string
let files: Files
beforeAll(async () => {
  berth = await startProjectsBerth()
  user = await signUp(berth.origin)
  ;({ id } = await user.createProject())
  files = filesOf(berth.origin, user, id)
  await user.start(id)
})
afterAll(async () => {
  await user.remove(id)
  await berth.stop()
})

async function connect () {
  const client = files.connect()
  await client.ready()
  return client
}

describe('requests', () => {
  it('do what the calls over HTTP do', async () => {
    const client = await connect()
    const written = await client.ask('write', { path: 'dir/ü.txt', content: 'text ü' })
    expect(written).toMatchObject({ ok: true, created: true, entry: { path: 'dir/ü.txt', type: 'file', size: 7 } })
    expect(await client.ask('read', { path: 'dir/ü.txt' })).toMatchObject({ ok: true, content: 'text ü', encoding: 'utf8', entry: { etag: written.entry?.etag } })
    expect(await client.ask('read', { path: 'dir/ü.txt', offset: 2, length: 2 })).toMatchObject({ content: 'xt' })
    expect(await client.ask('stat', { path: 'dir' })).toMatchObject({ ok: true, entry: { type: 'directory' } })
    expect(await client.ask('mkdir', { path: 'dir/sub' })).toMatchObject({ ok: true })
    expect(await client.ask('copy', { path: 'dir/ü.txt', to: 'dir/sub/copy' })).toMatchObject({ ok: true, entry: { path: 'dir/sub/copy' } })
    expect(await client.ask('move', { path: 'dir/sub/copy', to: 'dir/moved' })).toMatchObject({ ok: true, entry: { path: 'dir/moved' } })
    const { entries } = await client.ask('list', { path: 'dir', depth: 2 })
    expect(entries?.map(({ path }) => path)).toEqual(['dir/moved', 'dir/sub', 'dir/ü.txt'])
    expect(await client.ask('find', { text: 'text ü' })).toMatchObject({ ok: true, matches: [{ path: 'dir/moved', line: 1, column: 1, text: 'text ü' }, { path: 'dir/ü.txt' }] })
    expect(await client.ask('delete', { path: 'dir' })).toMatchObject({ ok: true })
    expect(await client.ask('stat', { path: 'dir' })).toMatchObject({ ok: false, code: 'FILE_NOT_FOUND' })
    await client.close()
  })

  it('carry bytes', async () => {
    const client = await connect()
    const bytes = Buffer.from([0, 255, 254, 10])
    await client.ask('write', { path: 'bytes', content: bytes.toString('base64'), encoding: 'base64' })
    expect(await client.ask('read', { path: 'bytes' })).toMatchObject({ encoding: 'base64', content: bytes.toString('base64') })
    await client.ask('write', { path: 'bytes', content: 'text' })
    expect(await client.ask('read', { path: 'bytes', encoding: 'base64' })).toMatchObject({ encoding: 'base64', content: 'dGV4dA==' })
    expect(await client.ask('write', { path: 'bytes', content: 'no base64', encoding: 'base64' })).toMatchObject({ ok: false, code: 'BAD_REQUEST' })
    await client.close()
  })

  it('are answered with what is there when it is not what they expect', async () => {
    const client = await connect()
    const { entry } = await client.ask('write', { path: 'guarded', content: '1' })
    const second = await client.ask('write', { path: 'guarded', content: '2', ifMatch: entry?.etag })
    expect(second).toMatchObject({ ok: true, created: false })
    expect(await client.ask('write', { path: 'guarded', content: '3', ifMatch: entry?.etag })).toMatchObject({ ok: false, code: 'PRECONDITION_FAILED', etag: second.entry?.etag })
    expect(await client.ask('write', { path: 'guarded', content: '3', ifNoneMatch: '*' })).toMatchObject({ ok: false, code: 'PRECONDITION_FAILED', etag: second.entry?.etag })
    expect(await client.ask('delete', { path: 'guarded', ifMatch: entry?.etag })).toMatchObject({ ok: false, code: 'PRECONDITION_FAILED' })
    expect(await client.ask('move', { path: 'guarded', to: 'guarded2' })).toMatchObject({ ok: true })
    await client.ask('write', { path: 'guarded', content: 'in the way' })
    expect(await client.ask('move', { path: 'guarded2', to: 'guarded' })).toMatchObject({ ok: false, code: 'FILE_EXISTS' })
    expect(await client.ask('move', { path: 'guarded2', to: 'guarded', overwrite: true })).toMatchObject({ ok: true })
    await client.close()
  })

  it('about one path are done in their order, however many there are', async () => {
    const client = await connect()
    for (let number = 1; number <= 200; number++) client.say({ id: `w${number}`, op: 'write', path: 'counted', content: String(number) })
    client.say({ id: 'last', op: 'read', path: 'counted' })
    expect(await waitFor('the read', () => client.answers.get('last'))).toMatchObject({ content: '200' })
    await client.close()
  })

  it.each<[object, string]>([
    [{ op: 'fly' }, 'BAD_MESSAGE'],
    [{ op: 'read' }, 'BAD_MESSAGE'],
    [{ op: 'read', path: 'x', surprise: 1 }, 'BAD_MESSAGE'],
    [{ op: 'constructor', path: 'x' }, 'BAD_MESSAGE'],
    [{ op: 'read', path: '../etc/passwd' }, 'BAD_PATH'],
    [{ op: 'read', path: '/etc/passwd' }, 'BAD_PATH'],
    [{ op: 'write', path: '.berth-x', content: '' }, 'BAD_PATH'],
    [{ op: 'read', path: 'nowhere' }, 'FILE_NOT_FOUND'],
    [{ op: 'find' }, 'BAD_REQUEST']
  ])('%j is refused with %s, and others go on', async (fields, code) => {
    const client = await connect()
    client.say({ id: 'wrong', ...fields })
    expect(await waitFor('the refusal', () => client.answers.get('wrong'))).toMatchObject({ ok: false, code, message: expect.any(String) })
    expect(await client.ask('list')).toMatchObject({ ok: true })
    await client.close()
  })

  it('that do not fit into a message are sent elsewhere', async () => {
    await files.put('large', Buffer.alloc(3_000_000))
    const client = await connect()
    expect(await client.ask('read', { path: 'large' })).toMatchObject({ ok: false, code: 'TOO_LARGE' })
    expect(await client.ask('read', { path: 'large', offset: 2_000_000 })).toMatchObject({ ok: true })
    client.say({ id: 1, op: 'write', path: 'large', content: 'x'.repeat(3_000_000) })
    expect((await client.closed).code).toBe(1009)
  })
})

describe('a watch', () => {
  it('sees what a program does, and a program what a client writes', async () => {
    const client = await connect()
    await client.watch('/')
    await files.put('main.py', [
      'import os, time',
      'open("ready", "w").close()',
      'while not os.path.exists("question"): time.sleep(0.01)',
      'open("answer", "w").write(open("question").read().upper())'
    ].join('\n'))
    const program = user.exec(id, 'python3 main.py')
    await client.message({ type: 'change', path: 'ready' })
    await client.ask('write', { path: 'question', content: 'what is it?' })
    await client.message({ type: 'change', kind: 'created', path: 'question' })
    await client.message({ type: 'change', path: 'answer' })
    await program
    expect(await client.ask('read', { path: 'answer' })).toMatchObject({ content: 'WHAT IS IT?' })
    await client.close()
  })

  it('tells kind, type and etag, and where something has moved', async () => {
    const client = await connect()
    await client.ask('mkdir', { path: 'seen' })
    await client.watch('seen')
    const { entry } = await client.ask('write', { path: 'seen/a', content: '1' })
    expect(await client.message({ type: 'change', kind: 'created', path: 'seen/a' })).toMatchObject({ watch: 'seen', entryType: 'file', etag: entry?.etag })
    await user.exec(id, 'echo 2 > seen/a')
    await client.message({ type: 'change', kind: 'modified', path: 'seen/a' })
    await client.ask('move', { path: 'seen/a', to: 'seen/b' })
    await client.message({ type: 'change', kind: 'moved', path: 'seen/a', to: 'seen/b' })
    await client.ask('delete', { path: 'seen/b' })
    expect(await client.message({ type: 'change', kind: 'deleted', path: 'seen/b' })).not.toHaveProperty('etag')
    await client.ask('delete', { path: 'seen' })
    await client.message({ type: 'unwatched', path: 'seen' })
    await client.close()
  })

  it('leaves out what others have written, unless that is what is asked for', async () => {
    await user.exec(id, 'mkdir -p node_modules/pkg')
    const client = await connect()
    await client.watch('/')
    await client.watch('node_modules/pkg')
    await user.exec(id, 'touch node_modules/pkg/index.js; touch outside')
    await client.message({ type: 'change', path: 'outside', watch: '/' })
    await client.message({ type: 'change', path: 'node_modules/pkg/index.js', watch: 'node_modules/pkg' })
    expect(client.messages.filter(({ watch, path }) => watch === '/' && path?.startsWith('node_modules/'))).toEqual([])
    client.say({ type: 'unwatch', path: 'node_modules/pkg' })
    await client.message({ type: 'unwatched', path: 'node_modules/pkg' })
    await client.watch('/', { exclude: [] })
    await user.exec(id, 'touch node_modules/pkg/other.js')
    await client.message({ type: 'change', path: 'node_modules/pkg/other.js', watch: '/' })
    await client.close()
  })

  it('of what is not there, or not in the project, is refused', async () => {
    const client = await connect()
    client.say({ type: 'watch', path: 'nowhere' })
    await client.message({ type: 'error', code: 'FILE_NOT_FOUND', path: 'nowhere' })
    client.say({ type: 'watch', path: '../..' })
    await client.message({ type: 'error', code: 'BAD_PATH' })
    for (let number = 0; number < 9; number++) {
      await client.ask('mkdir', { path: `watched-${number}` })
      client.say({ type: 'watch', path: `watched-${number}` })
    }
    await client.message({ type: 'error', code: 'BAD_MESSAGE' })
    await client.close()
  })

  it('of a client that does not read ends in an overflow', async () => {
    const client = await connect()
    await client.watch('/')
    client.ws.pause()
    await user.exec(id, 'i=0; while [ $i -lt 60000 ]; do : > flood-$i; i=$((i+1)); done; rm -f flood-*')
    client.ws.resume()
    await client.message({ type: 'overflow', path: '/' }, 30_000)
    await user.exec(id, 'touch after-the-flood')
    await client.message({ type: 'change', path: 'after-the-flood' }, 30_000)
    await client.close()
  })
})

describe('a client', () => {
  async function refusal (url: string, headers: Record<string, string>) {
    const client = openFilesSocket(url, headers)
    const { code } = await client.closed
    return { code, handshake: client.refusedWith() ?? 101, said: client.messages.map(({ code }) => code) }
  }

  it('that is nobody, or not the owner, is closed with a code that says so', async () => {
    const stranger = await signUp(berth.origin)
    expect(await refusal(files.base, {})).toEqual({ code: 4401, handshake: 101, said: ['UNAUTHENTICATED'] })
    expect(await refusal(files.base, { 'X-API-Key': stranger.key })).toEqual({ code: 4404, handshake: 101, said: ['PROJECT_NOT_FOUND'] })
    expect(await refusal(`${berth.origin}/projects/${randomUUID()}/files`, { 'X-API-Key': user.key })).toMatchObject({ code: 4404 })
    const cookie = { Cookie: 'jwt=forged', Origin: 'https://evil.example.org' }
    expect(await refusal(files.base, cookie)).toMatchObject({ code: 4401 })
  })

  it('is closed as soon as its key is revoked', async () => {
    const owner = await signUpWithCookie(berth.origin)
    const { body: { id: keyId, key } } = await owner.call<{ id: string, key: string }>('POST', '/auth/keys', { name: 'editor' })
    const { body: project } = await owner.call<{ id: string }>('POST', '/projects', { name: 'test', runtime: 'python' })
    const client = openFilesSocket(`${berth.origin}/projects/${project.id}/files`, { 'X-API-Key': key })
    await client.ready()
    await owner.call('DELETE', `/auth/keys/${keyId}`)
    expect((await client.closed).code).toBe(4401)
    await owner.call('DELETE', `/projects/${project.id}`)
  })

  it('of a foreign page gets no handshake', async () => {
    const owner = await signUpWithCookie(berth.origin)
    expect(await refusal(files.base, { Cookie: owner.cookie, Origin: 'https://evil.example.org' })).toMatchObject({ handshake: 403 })
    expect(await refusal(files.base, { Cookie: owner.cookie, Origin: berth.origin })).toMatchObject({ code: 4404 })
  })

  it('without an upgrade gets the listing, and a query that makes no sense is refused', async () => {
    expect(await files.list()).toMatchObject({ entries: expect.any(Array) })
    await expect(files.list('depth=none')).rejects.toThrow('VALIDATION_FAILED')
  })

  it('whose messages make no sense is told, and closed when it goes on', async () => {
    const client = await connect()
    for (let count = 0; count < 100; count++) client.say('nonsense')
    expect((await client.closed).code).toBe(1008)
    expect(client.messages).toContainEqual(expect.objectContaining({ type: 'error', code: 'BAD_MESSAGE' }))
  })

  it('is closed when its project is deleted', async () => {
    const other = await user.createProject()
    const client = filesOf(berth.origin, user, other.id).connect()
    await client.ready()
    await client.watch('/')
    await user.remove(other.id)
    expect((await client.closed).code).toBe(4404)
  })
})
