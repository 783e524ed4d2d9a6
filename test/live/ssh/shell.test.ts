import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClientChannel } from 'ssh2'
import type { Project } from '../../../src/projects/core/schemas.ts'
import type { ProcessList } from '../../../src/projects/processes/schemas.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { createPerson, join, type Person } from '../members/people.ts'
import { createSshUser, execute, finish, sshOf, type SshUser } from './client.ts'

let berth: Berth
let owner: Person
let project: Project
let ada: SshUser
const users: SshUser[] = []

beforeAll(async () => {
  berth = await startProjectsBerth({ SSH_PORT: '0' })
  owner = await createPerson(berth.origin)
  project = await owner.createProject({ name: 'my shell' })
  ada = await newUser(owner)
})
afterAll(async () => {
  await owner.remove(project.id)
  await Promise.all(users.map(async (user) => await user.remove()))
  await berth.stop()
})

async function newUser (person?: Person): Promise<SshUser> {
  const user = await createSshUser((await sshOf(berth)).port, person)
  users.push(user)
  return user
}

const at = (name: string): string => `${name}@127.0.0.1`
const processes = async (): Promise<ProcessList> => (await owner.call<ProcessList>('GET', `/projects/${project.id}/processes`)).body

describe('a command by SSH', () => {
  it('starts the project, and has its output, its errors and its exit code apart', async () => {
    expect((await owner.status(project.id)).status).toBe('stopped')
    expect(await ada.ssh([at(project.id), 'pwd; echo oops >&2; exit 7'])).toMatchObject({ code: 7, text: '/workspace\n', error: 'oops\n' })
    expect((await owner.status(project.id)).status).toBe('running')
  })

  it('finds the project by its name, which may have spaces', async () => {
    expect(await ada.ssh(['-l', 'my shell', '127.0.0.1', 'echo $USER'])).toMatchObject({ code: 0, text: 'sandbox\n' })
  })

  it('takes and gives bytes as they are, many of them', async () => {
    const bytes = randomBytes(5 * 1024 ** 2)
    const { code, output } = await ada.ssh([at(project.id), 'cat'], bytes)
    expect([code, createHash('sha256').update(output).digest('hex')]).toEqual([0, createHash('sha256').update(bytes).digest('hex')])
  })

  it('has what the client sets in its environment, but for the locale of another machine and names of ours', async () => {
    const { text } = await ada.ssh(['-o', 'SetEnv=COLOUR=green LANG=de_DE.UTF-8 BERTH_PROCESS=mine', at(project.id), 'echo $COLOUR $LANG $BERTH_PROCESS'])
    expect(text).toBe('green C.UTF-8\n')
  })

  it('is told that a signal has ended it, and takes signals', async () => {
    const client = await ada.connect(project.id)
    expect(await finish(await execute(client, 'kill -KILL $$'))).toMatchObject({ signal: 'SIGKILL' })
    const channel = await execute(client, 'echo ready; exec sleep 600')
    await once(channel, 'data')
    const ended = finish(channel)
    channel.signal('INT')
    expect(await ended).toMatchObject({ signal: 'SIGINT' })
    client.end()
  })

  it('runs beside others on one connection, without waiting for them', async () => {
    const client = await ada.connect(project.id)
    const waiting = await execute(client, 'cat')
    const ended = await Promise.all([1, 2, 3, 4, 5].map(async (n) => await finish(await execute(client, `echo ${n}`))))
    expect(ended.map(({ text }) => text)).toEqual(['1\n', '2\n', '3\n', '4\n', '5\n'])
    const last = finish(waiting)
    waiting.end('the end')
    expect(await last).toMatchObject({ text: 'the end', code: 0 })
    client.end()
  })

  it('may be over before anybody has looked', async () => {
    const client = await ada.connect(project.id)
    for (let n = 0; n < 40; n++) expect(await finish(await execute(client, `echo -n ${n}`))).toMatchObject({ text: String(n), code: 0 })
    client.end()
  })

  it('writes both of its streams at once without one holding up the other', async () => {
    const { code, output, error } = await ada.ssh([at(project.id), 'for i in 1 2 3 4; do head -c 1500000 /dev/zero; head -c 1500000 /dev/zero >&2; done'])
    expect([code, output.length, error.length]).toEqual([0, 6_000_000, 6_000_000])
  })

  it('ends with its channel, and what has made itself independent does not', async () => {
    const client = await ada.connect(project.id)
    const channel = await execute(client, 'setsid -f sleep 4321 < /dev/null > /dev/null 2>&1; sleep 1234 & echo $!; wait')
    await once(channel, 'data')
    expect((await processes()).processes.map(({ name }) => name)).toEqual(['ssh'])
    client.destroy()
    await waitFor('the command to end', async () => (await processes()).processes.length === 0)
    const { others } = await processes()
    expect(others.map(({ command }) => command.join(' ')).filter((command) => command.startsWith('sleep'))).toEqual(['sleep 4321'])
    for (const { id, name } of others) if (name === 'sleep') await owner.call('DELETE', `/projects/${project.id}/processes/${id}`)
  })

  it('that is not there says so as a shell does', async () => {
    expect(await ada.ssh([at(project.id), 'no-such-command'])).toMatchObject({ code: 127, error: expect.stringContaining('no-such-command') })
  })
})

describe('a shell by SSH', () => {
  async function openShell (size = { cols: 91, rows: 17 }): Promise<{ channel: ClientChannel, end: () => void, expectText: (text: string | RegExp) => Promise<void> }> {
    const client = await ada.connect(project.id)
    const channel = await new Promise<ClientChannel>((resolve, reject) => client.shell({ term: 'vt220', ...size, width: 0, height: 0 }, (error, opened) => error === undefined ? resolve(opened) : reject(error)))
    let seen = ''
    channel.on('data', (bytes: Buffer) => { seen += bytes.toString() })
    return { channel, end: () => client.end(), expectText: async (text) => await waitFor(`${text} in ${JSON.stringify(seen)}`, () => typeof text === 'string' ? seen.includes(text) : text.test(seen)) as unknown as Promise<void> }
  }

  it('has a terminal of the client\'s kind and size, which follows it', async () => {
    const { channel, end, expectText } = await openShell()
    channel.write('echo "$TERM-$(stty size)-$(tty)"\n')
    await expectText(/vt220-17 91-\/dev\/pts\/\d+/)
    channel.setWindow(33, 120, 0, 0)
    channel.write('sleep 0.1; stty size\n')
    await expectText('33 120')
    const closed = once(channel, 'exit')
    channel.write('exit 3\n')
    expect((await closed)[0]).toBe(3)
    end()
  })

  it('is a login shell, and works without a terminal, too', async () => {
    expect(await ada.ssh(['-T', at(project.id)], 'shopt -q login_shell && echo login; tty\n')).toMatchObject({ text: 'login\nnot a tty\n' })
  })

  it('of a command has a terminal where one is asked for', async () => {
    const { code, text } = await ada.ssh(['-tt', at(project.id), 'tty; stty size; exit 5'])
    expect([code, text.replaceAll('\r', '')]).toEqual([5, expect.stringMatching(/^\/dev\/pts\/\d+\n24 80\n$/)])
  })

  it('ends when its project is stopped, and says why', async () => {
    const { channel, end, expectText } = await openShell()
    let errors = ''
    channel.stderr.on('data', (bytes: Buffer) => { errors += bytes.toString() })
    channel.write('echo $((40 + 2))\n')
    await expectText('42')
    const closed = once(channel, 'close')
    await owner.stop(project.id)
    await closed
    expect(errors).toMatch(/^berth: The project's container ended meanwhile/)
    end()
  })
})

describe('connections to ports', () => {
  it('lead to what listens in the project, also only on its own loopback', async () => {
    await owner.exec(project.id, 'echo hello > index.txt')
    await owner.call('POST', `/projects/${project.id}/processes`, { cmd: 'python3 -m http.server --bind 127.0.0.1 8123' })
    const get = async (host: string): Promise<string> => (await ada.ssh(['-W', host, at(project.id)], 'GET /index.txt HTTP/1.0\r\n\r\n')).text
    await waitFor('the server in the project', async () => (await get('localhost:8123')).endsWith('hello\n'))
    expect(await get('127.0.0.1:8123')).toContain('200 OK')
  })

  it('lead nowhere else, neither where nothing listens nor back to the client', async () => {
    const port = new URL(berth.origin).port
    for (const where of [`localhost:${port}`, 'localhost:1', '172.17.0.1:80', 'example.org:80', '169.254.169.254:80', '0.0.0.0:8123']) {
      const { code, text, error } = await ada.ssh(['-W', where, at(project.id)], 'GET / HTTP/1.0\r\n\r\n')
      expect([code === 0, text], where).toEqual([false, ''])
      expect(error).toContain('forwarding failed')
    }
    expect(await ada.ssh(['-o', 'ExitOnForwardFailure=yes', '-R', '0:127.0.0.1:1', at(project.id), 'true'])).toMatchObject({ code: 255, error: expect.stringContaining('remote port forwarding failed') })
  })
})

describe('who may only look', () => {
  it('gets neither a shell nor a command nor a port', async () => {
    const viewer = await createPerson(berth.origin)
    await join(owner, project.id, viewer, 'viewer')
    const bob = await newUser(viewer)
    for (const args of [[at(project.id)], [at(project.id), 'true']]) {
      expect(await bob.ssh(args)).toMatchObject({ code: 255, text: '', error: expect.stringContaining('berth: You may look at this project') })
    }
    expect((await bob.ssh(['-W', 'localhost:8123', at(project.id)], 'GET / HTTP/1.0\r\n\r\n')).error).toContain('forwarding failed')
  })
})
