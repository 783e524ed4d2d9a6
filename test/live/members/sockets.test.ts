import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openFiles } from '../../support/files-client.ts'
import { openTerminal, type TerminalClient } from '../../support/terminal-client.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { createPerson, join, type Person } from './people.ts'

let berth: Berth
let owner: Person
let member: Person
let id: string
beforeAll(async () => {
  berth = await startProjectsBerth()
  ;[owner, member] = await Promise.all([createPerson(berth.origin), createPerson(berth.origin)])
  ;({ id } = await owner.createProject({ files: [{ path: 'a.txt', content: 'a' }] }))
  await owner.start(id)
})
afterAll(async () => {
  await owner.remove(id)
  await berth.stop()
})
beforeEach(async () => { await leave() })

const leave = async () => await owner.call('DELETE', `/projects/${id}/members/${member.id}`)
const change = async (role: string) => await owner.call('PATCH', `/projects/${id}/members/${member.id}`, { role })
const terminal = (by: Person, query: string, protocol?: 'term.raw'): TerminalClient =>
  openTerminal(`${berth.origin}/terminal/${id}?${query}`, { headers: { 'X-API-Key': by.key }, ...(protocol === undefined ? {} : { protocol }) })

/** The owner's shell, at its first prompt. */
async function openShell () {
  const shell = terminal(owner, 'cols=80&rows=24')
  const { terminal: name } = await shell.hello()
  await shell.shows(/[$] $/)
  return { shell, name }
}

describe('a viewer', () => {
  beforeEach(async () => { await join(owner, id, member, 'viewer') })

  it('looks into a terminal, and neither types nor resizes', async () => {
    const { shell, name } = await openShell()
    const looking = terminal(member, `terminal=${name}&cols=100&rows=30`)
    expect(await looking.hello()).toMatchObject({ terminal: name, cols: 80, rows: 24 })
    looking.type('echo typed-by-viewer\n')
    expect(await looking.message('error')).toMatchObject({ code: 'VIEW_ONLY' })
    looking.say({ type: 'resize', cols: 100, rows: 30 })
    looking.say({ type: 'ping' })
    shell.type('echo typed-by-$((40+2))\n')
    await looking.shows('typed-by-42')
    expect(looking.messages.filter(({ type }) => type === 'error')).toHaveLength(2)
    expect(looking.text()).not.toContain('viewer')
    expect(shell.messages.filter(({ type }) => type === 'size')).toEqual([])
    const { terminals } = (await member.call<{ terminals: Array<{ id: string, sockets: number }> }>('GET', `/projects/${id}/terminals`)).body
    expect(terminals).toEqual([expect.objectContaining({ id: name, sockets: 2, cols: 80 })])
    await looking.close()
    shell.type('exit\n')
    await shell.closed
  })

  it('that types on and on is closed, whatever the subprotocol', async () => {
    const { shell, name } = await openShell()
    const raw = terminal(member, `terminal=${name}`, 'term.raw')
    await raw.shows(/[$] $/)
    for (let turn = 0; turn < 60; turn++) raw.type('rm -rf .\n')
    expect(await raw.closed).toEqual({ code: 1008, reason: 'VIEW_ONLY' })
    shell.type('cat a.txt; exit\n')
    await shell.closed
    expect(shell.text()).toContain('a')
    expect(shell.text()).not.toContain('rm -rf')
  })

  it('opens no shell, and starts no project by trying', async () => {
    await owner.stop(id)
    expect((await terminal(member, '').closed)).toEqual({ code: 1008, reason: 'VIEW_ONLY' })
    expect((await owner.status(id)).status).toBe('stopped')
    await owner.start(id)
  })

  it('reads and watches over the files socket, and changes nothing', async () => {
    const files = await openFiles(berth.origin, id, member.key)
    expect(await files.get('read', { path: 'a.txt' })).toMatchObject({ content: 'a' })
    for (const [op, fields] of [['write', { path: 'a.txt', content: 'x' }], ['delete', { path: 'a.txt' }], ['mkdir', { path: 'd' }], ['move', { path: 'a.txt', to: 'b' }], ['copy', { path: 'a.txt', to: 'b' }]] as const) {
      expect(await files.call(op, fields), op).toMatchObject({ ok: false, code: 'VIEW_ONLY' })
    }
    files.say({ type: 'watch', path: '/', recursive: true })
    await files.hears('watching')
    await owner.exec(id, 'echo new > new.txt')
    await files.hears('change', ({ path }) => path === 'new.txt')
    await files.close()
  })

  it('looks at a process, and neither types into it nor ends it', async () => {
    const { body: { id: name } } = await owner.call<{ id: string }>('POST', `/projects/${id}/processes`, { cmd: 'read line; echo "got $line"; sleep 1000', tty: true })
    const path = `/projects/${id}/processes/${name}`
    expect((await member.call('GET', path)).body).toMatchObject({ id: name, status: 'running' })
    const looking = openTerminal(berth.origin + path, { headers: { 'X-API-Key': member.key } })
    await looking.hello()
    looking.type('from-viewer\n')
    expect(await looking.message('error')).toMatchObject({ code: 'VIEW_ONLY' })
    expect((await member.call('POST', `${path}/input`, { input: 'from-viewer\n' })).body.code).toBe('VIEW_ONLY')
    expect((await owner.call('POST', `${path}/input`, { input: 'from-owner\n' })).status).toBe(204)
    await looking.shows('got from-owner')
    const followed = (await member.send('GET', `${path}/logs?follow=true`)).text().then(() => 'ended', () => 'ended')
    await leave()
    expect(await looking.closed).toMatchObject({ code: 4404 })
    expect(await followed).toBe('ended')
    expect((await owner.call('DELETE', path)).status).toBe(204)
  })

  it('follows the logs until the part in the project ends', async () => {
    const followed = await member.send('GET', `/projects/${id}/logs?follow=true`)
    expect(followed.status).toBe(200)
    const end = followed.text().then(() => 'ended', () => 'ended')
    await leave()
    expect(await end).toBe('ended')
  })
})

describe('an editor', () => {
  beforeEach(async () => { await join(owner, id, member, 'editor') })

  it('types into the owner\'s shell, opens one, and ends it', async () => {
    const { shell, name } = await openShell()
    const same = terminal(member, `terminal=${name}&cols=100&rows=30`)
    await same.hello()
    expect(await shell.message('size')).toMatchObject({ cols: 100, rows: 30 })
    same.type('echo from-$((40+2))\n')
    await shell.shows('from-42')
    const own = terminal(member, '')
    const { terminal: ownName } = await own.hello()
    expect((await owner.call('DELETE', `/projects/${id}/terminals/${ownName}`)).status).toBe(204)
    expect((await member.call('DELETE', `/projects/${id}/terminals/${name}`)).status).toBe(204)
    await Promise.all([shell.closed, same.closed, own.closed])
  })

  it('who is removed loses open sockets at once, and finds no project any more', async () => {
    const { shell, name } = await openShell()
    const [looking, files] = [terminal(member, `terminal=${name}`), await openFiles(berth.origin, id, member.key)]
    await looking.hello()
    await leave()
    expect(await looking.closed).toEqual({ code: 4404, reason: 'PROJECT_NOT_FOUND' })
    expect(await files.closed).toBe(4404)
    expect((await terminal(member, `terminal=${name}`).closed).code).toBe(4404)
    expect(shell.ws.readyState).toBe(shell.ws.OPEN)
    shell.type('exit\n')
    await shell.closed
  })

  it('who becomes a viewer has to come again, and then may only look', async () => {
    const { shell, name } = await openShell()
    const [typing, files] = [terminal(member, `terminal=${name}`), await openFiles(berth.origin, id, member.key)]
    await typing.hello()
    await change('viewer')
    expect(await typing.closed).toEqual({ code: 1013, reason: 'ROLE_CHANGED' })
    expect(await files.closed).toBe(1013)
    const again = terminal(member, `terminal=${name}`)
    await again.hello()
    again.type('x')
    expect(await again.message('error')).toMatchObject({ code: 'VIEW_ONLY' })
    await again.close()
    shell.type('exit\n')
    await shell.closed
  })
})
