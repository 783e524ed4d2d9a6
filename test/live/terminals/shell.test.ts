import { createHash, randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { createTerminals } from './terminals.ts'

let berth: Berth
let terminals: Awaited<ReturnType<typeof createTerminals>>
beforeAll(async () => {
  berth = await startBerth()
  terminals = await createTerminals(berth.origin)
})
afterEach(async () => {
  for (const { id } of await terminals.list()) await terminals.end(id)
})
afterAll(async () => {
  await terminals.user.remove(terminals.projectId)
  await berth.stop()
})

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, index) => index))

describe('a terminal', () => {
  it('is a login shell in the workspace of a project that is started if need be', async () => {
    expect((await terminals.user.status(terminals.projectId)).status).toBe('stopped')
    const client = await terminals.open({ query: { cols: 101, rows: 31 } })
    expect(client.ws.protocol).toBe('term.v1')
    expect(await client.hello()).toEqual({ type: 'hello', terminal: expect.stringMatching(/^[0-9a-f-]{36}$/), seq: 0, cols: 101, rows: 31, replay: 0 })
    client.type('stty size; shopt -q login_shell && echo "login $TERM $COLORTERM $LANG $USER $HOME $SHELL"; pwd; id -u\n')
    await client.shows('31 101\r\nlogin xterm-256color truecolor C.UTF-8 sandbox /workspace /bin/bash\r\n/workspace\r\n')
    await client.shows(/\/workspace\r\n[12]\d{6}\r\n/)
    await client.close()
  })

  it.each([
    ['exit 0', 0],
    ['exit 42', 42],
    ['kill -KILL $$', 137]
  ])('tells the exit code of `%s`, and closes with 1000', async (command, code) => {
    const client = await terminals.open()
    client.type(`${command}\n`)
    expect((await client.closed).code).toBe(1000)
    expect(await client.message('exit')).toEqual({ type: 'exit', code })
  })

  it('has 80 columns and 24 rows unless asked for others', async () => {
    const client = await terminals.open()
    expect(await client.hello()).toMatchObject({ cols: 80, rows: 24 })
    client.type('stty size\n')
    await client.shows('24 80\r\n')
    await client.close()
  })

  it('follows the size of its client, and tells the others', async () => {
    const client = await terminals.open()
    const { terminal } = await client.hello()
    const other = terminals.connect({ query: { terminal } })
    await other.hello()
    client.say({ type: 'resize', cols: 132, rows: 50 })
    await waitFor('the new size', async () => {
      client.type('stty size\n')
      return client.text().includes('50 132\r\n')
    })
    expect(await other.message('size')).toEqual({ type: 'size', cols: 132, rows: 50 })
    const answer = await terminals.user.call('POST', `/projects/${terminals.projectId}/terminals/${terminal}/resize`, { cols: 90, rows: 20 })
    expect(answer).toMatchObject({ status: 200, body: { id: terminal, cols: 90, rows: 20 } })
    await waitFor('the newest size', async () => {
      client.type('stty size\n')
      return client.text().includes('20 90\r\n')
    })
    const third = terminals.connect({ query: { terminal, cols: 77, rows: 17 } })
    expect(await third.hello()).toMatchObject({ cols: 77, rows: 17 })
    await Promise.all([client.close(), other.close(), third.close()])
  })

  it('passes Ctrl-C, Ctrl-D, Ctrl-P, Ctrl-Q and Ctrl-Z on at once', async () => {
    const client = await terminals.open()
    client.type('sleep 1000; echo "status $?"\n')
    await client.shows(/sleep 1000/)
    await waitFor('the job to be in the foreground', async () => {
      client.type('\u0003')
      return client.text().includes('^C')
    })
    client.type('\n')
    await client.shows(/\$ $/)
    client.clear()
    client.type('stty raw -echo; echo ready; head -c 3 | od -An -tx1; stty sane; echo sane\n')
    await client.shows(/ready\r?\n/)
    client.type('\u0010')
    client.type('\u0011')
    client.type('\u0010')
    await client.shows(/10 11 10/)
    await client.shows(/sane\r\n.*\$ $/s)
    client.clear()
    // What is typed before the job runs is not echoed.
    client.type('echo up; cat\n')
    await client.shows('\rup\r\n')
    client.type('line\n')
    await client.shows(/line\r\nline/)
    client.type('\u001a')
    await client.shows(/Stopped/)
    client.type('fg\n')
    await client.shows(/fg\r\n.*cat\r\n/s)
    client.type('again\n')
    await client.shows(/again\r\nagain/)
    client.type('\u0004')
    await client.shows(/\$ $/)
    client.type('\u0004')
    expect((await client.closed).code).toBe(1000)
  })

  it('takes a bracketed paste of a megabyte, in one message', async () => {
    const client = await terminals.open()
    const line = `${'x'.repeat(99)}\n`
    client.type('stty raw -echo; echo ready; head -c 1000012 | sha256sum; stty sane\n')
    await client.shows('ready\n')
    const paste = `\u001b[200~${line.repeat(10_000)}\u001b[201~`
    client.type(paste)
    await client.shows(createHash('sha256').update(paste).digest('hex'))
    await client.close()
  })

  it.each([
    ['every byte there is', everyByte],
    ['10 MB of random bytes', randomBytes(10_000_000)]
  ])('carries %s both ways', async (_, bytes) => {
    const client = await terminals.open()
    client.type(`stty raw -echo; echo ready; head -c ${bytes.length} | cat; stty sane\n`)
    await client.shows('ready\n')
    const start = client.output().indexOf('ready\n') + 'ready\n'.length
    client.type(bytes.subarray(0, 1))
    for (let at = 1; at < bytes.length; at += 1_000_000) client.type(bytes.subarray(at, at + 1_000_000))
    await waitFor('all of them to come back', () => client.output().length >= start + bytes.length, 60_000)
    expect(client.output().subarray(start, start + bytes.length).equals(bytes)).toBe(true)
    expect(client.messages.map(({ type }) => type)).toEqual(['hello'])
    await client.close()
  })

  it('speaks term.raw, where every frame is bytes', async () => {
    const client = terminals.connect({ protocol: 'term.raw' })
    await client.shows(/\$ $/)
    expect(client.ws.protocol).toBe('term.raw')
    client.ws.send('echo "text $((6*7))"\n')
    await client.shows('text 42\r\n')
    client.type('{"type":"ping"}')
    await client.shows('{"type":"ping"}')
    client.clear()
    client.type('\u0003')
    await client.shows(/\$ $/)
    client.type('exit 3\n')
    expect((await client.closed).code).toBe(1000)
    expect(client.messages).toEqual([])
  })

  it('speaks term.v1 to whoever names no subprotocol', async () => {
    const client = terminals.connect({ protocol: null })
    await client.hello()
    expect(client.ws.protocol).toBe('')
    await client.close()
  })

  it('gets what was sent before the shell was there', async () => {
    const client = terminals.connect()
    client.ws.once('open', () => {
      client.type('echo early $((6*7))\n')
      client.say({ type: 'resize', cols: 99, rows: 33 })
    })
    await client.shows('early 42\r\n')
    client.type('stty size\n')
    await client.shows('33 99\r\n')
    await client.close()
  })
})
