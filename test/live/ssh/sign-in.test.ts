import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import ssh2 from 'ssh2'
import { desc, eq } from 'drizzle-orm'
import { auditEvents, settings } from '../../../src/db/schema/index.ts'
import { createDockerClient, endpointFromEnv } from '../../../src/docker/index.ts'
import type { Project } from '../../../src/projects/core/schemas.ts'
import { makeSshKeyPair } from '../../support/ssh-key.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { inject } from 'vitest'
import { createPerson, join, type Person } from '../members/people.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { removeInstance } from '../support/remove-left.ts'
import { createSshUser, sshOf, type SshUser, type SystemReport } from './client.ts'

let berth: Berth
let owner: Person
let project: Project
let port: number
const users: SshUser[] = []

beforeAll(async () => {
  berth = await startProjectsBerth({ SSH_PORT: '0', RATE_LIMIT_SIGNIN: '1000/5m' })
  ;({ port } = await sshOf(berth))
  owner = await createPerson(berth.origin)
  project = await owner.createProject({ name: 'door' })
})
afterAll(async () => {
  await owner.remove(project.id)
  await Promise.all(users.map(async (user) => await user.remove()))
  await berth.stop()
})

async function newUser (person?: Person): Promise<SshUser> {
  const user = await createSshUser(port, person)
  users.push(user)
  return user
}

/** SFTP needs no container. */
const enter = async (user: SshUser, name: string) => await user.sftp(name, ['pwd'])
const LET_IN = { code: 0, text: expect.stringContaining('/workspace') }

async function changeUser (id: string, body: object): Promise<void> {
  const { status } = await fetch(`${berth.origin}/api/users/${id}`, { method: 'PATCH', headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  if (status !== 200) throw new Error(`${status}`)
}

describe('a sign-in by SSH', () => {
  it('is for owners and members, by the project\'s id or its name, and is noted', async () => {
    const ada = await newUser(owner)
    expect(await enter(ada, project.id)).toMatchObject(LET_IN)
    expect(await enter(ada, 'door')).toMatchObject(LET_IN)
    const member = await createPerson(berth.origin)
    await join(owner, project.id, member, 'viewer')
    expect(await enter(await newUser(member), 'door')).toMatchObject(LET_IN)
    await waitFor('the audit log', async () => {
      const [event] = await berth.app.db.select().from(auditEvents).where(eq(auditEvents.action, 'user.ssh-sign-in')).orderBy(desc(auditEvents.id)).limit(1)
      return event?.subject === project.id && event.userId === member.id && event.ip === '127.0.0.1'
    })
    await waitFor('the last use of the key', async () => {
      const { body } = await owner.call<{ sshKeys: Array<{ id: string, lastUsedAt: string | null }> }>('GET', '/auth/ssh-keys')
      return body.sshKeys.find(({ id }) => id === ada.keyId)?.lastUsedAt !== null
    })
  })

  it('is refused in the same words whatever the reason', async () => {
    const [ada, unknown, disabled] = [await newUser(owner), await newUser(), await createPerson(berth.origin)]
    const theirs = await disabled.createProject({ name: 'theirs' })
    const eve = await newUser(disabled)
    for (const name of ['one of two', 'one of two']) await owner.createProject({ name })
    const refuse = async (user: SshUser, name: string) => await user.ssh(['-l', name, '127.0.0.1', 'true'])
    const refusals = [
      await refuse(unknown, project.id), await refuse(ada, 'no-such-project'), await refuse(ada, theirs.id), await refuse(ada, 'theirs'), await refuse(ada, 'one of two'), await refuse(eve, project.id)
    ]
    await changeUser(disabled.id, { disabled: true })
    refusals.push(await refuse(eve, theirs.id))
    const [first] = refusals
    expect(first).toMatchObject({ code: 255, text: '' })
    expect(new Set(refusals.map(({ error }) => error.replace(/^.*?@/, '')))).toEqual(new Set([first?.error.replace(/^.*?@/, '')]))
    expect(first?.error).toContain('Permission denied (publickey)')
    await changeUser(disabled.id, { disabled: false })
    expect(await enter(eve, theirs.id)).toMatchObject(LET_IN)
    await waitFor('the audit log', async () => (await berth.app.db.select().from(auditEvents).where(eq(auditEvents.action, 'user.ssh-sign-in-failed'))).some(({ userId }) => userId === owner.id))
  })

  it('needs the private key, and no other way is offered', async () => {
    const ada = await newUser(owner)
    const others = [
      { password: 'four words that differ' },
      { authHandler: ['none'] as ssh2.AuthenticationType[] },
      // Another's signature under a key that is known.
      { authHandler: [{ type: 'publickey' as const, username: project.id, key: Object.assign(ssh2.utils.parseKey(makeSshKeyPair().private) as ssh2.ParsedKey, { getPublicSSH: () => (ssh2.utils.parseKey(ada.pair.public) as ssh2.ParsedKey).getPublicSSH() }) as unknown as string }] }
    ]
    for (const way of others) {
      const client = new ssh2.Client()
      const [error] = await once(client.connect({ host: '127.0.0.1', port, username: project.id, ...way }), 'error') as [Error]
      expect(error.message).toContain('All configured authentication methods failed')
    }
  })

  it('ends at once with its key, its account, its membership and its project', async () => {
    const member = await createPerson(berth.origin)
    const shared = await owner.createProject({ name: 'shared' })
    const bob = await newUser(member)
    const open = async () => {
      const client = await bob.connect(shared.id)
      return { closed: once(client, 'close') }
    }
    await join(owner, shared.id, member, 'editor')
    const before = await open()
    await owner.call('DELETE', `/projects/${shared.id}/members/${member.id}`)
    await before.closed
    await expect(open()).rejects.toThrow('authentication')
    await join(owner, shared.id, member, 'editor')
    const withAccount = await open()
    await changeUser(member.id, { disabled: true })
    await withAccount.closed
    await changeUser(member.id, { disabled: false })
    const withKey = await open()
    await member.call('DELETE', `/auth/ssh-keys/${bob.keyId}`)
    await withKey.closed
    await expect(open()).rejects.toThrow('authentication')
    await member.call('POST', '/auth/ssh-keys', { key: bob.pair.public })
    const last = await open()
    await owner.remove(shared.id)
    await last.closed
  })

  it('is limited by address: whoever has failed too often is not listened to', async () => {
    const other = await startProjectsBerth({ SSH_PORT: '0', RATE_LIMIT_SIGNIN: '4/5m' })
    try {
      const { port } = await sshOf(other)
      const stranger = await createSshUser(port)
      users.push(stranger)
      await waitFor('to be refused', async () => !(await stranger.ssh(['nobody@127.0.0.1', 'true'])).error.includes('Permission denied'))
      const socket = connect(port, '127.0.0.1')
      socket.resume()
      await once(socket, 'close')
      expect(socket.bytesRead).toBe(0)
    } finally {
      await other.stop()
    }
  })
})

describe('the server', () => {
  it('has no SSH where no port is configured', async () => {
    const other = await startProjectsBerth()
    expect((await (await other.get('/api/system')).json() as SystemReport).ssh).toBeNull()
    await other.stop()
  })

  it('has the same host key on all servers of a database and after each restart, sealed there', async () => {
    const database = await createDatabase(inject('databaseServerUrl'))
    const env = { SSH_PORT: '0', DATABASE_URL: database.url, SECRETS_KEY: 'a'.repeat(32), API_KEY: 'k'.repeat(32) }
    const [one, two] = [await startProjectsBerth(env), await startProjectsBerth(env)]
    const first = await sshOf(one)
    expect(first.hostKey).toEqual({ type: 'ssh-ed25519', fingerprint: expect.stringMatching(/^SHA256:/) })
    expect((await sshOf(two)).hostKey).toEqual(first.hostKey)
    const guest = await createSshUser(first.port)
    users.push(guest)
    await guest.ssh(['nobody@127.0.0.1', 'true'])
    const [row] = await one.app.db.select().from(settings).where(eq(settings.name, 'ssh_host_key'))
    expect(Buffer.from(row?.value ?? '', 'base64').toString('latin1')).not.toContain('OPENSSH')
    await one.stop()
    await two.stop()
    // A new key seals it anew; afterwards the old one is not needed any more.
    for (const SECRETS_KEY of [`${'b'.repeat(32)},${'a'.repeat(32)}`, 'b'.repeat(32)]) {
      const next = await startProjectsBerth({ ...env, SECRETS_KEY })
      const ssh = await sshOf(next)
      expect(ssh.hostKey).toEqual(first.hostKey)
      // OpenSSH knows it again, at another port.
      const { error } = await guest.ssh(['-o', `HostKeyAlias=[127.0.0.1]:${first.port}`, 'nobody@127.0.0.1', 'true'], '', { to: ssh.port, strict: 'yes' })
      expect(error).toContain('Permission denied')
      await next.stop()
    }
    await expect(startProjectsBerth({ ...env, SECRETS_KEY: 'c'.repeat(32) })).rejects.toThrow('The host key of SSH was sealed with a SECRETS_KEY')
    // One that has found, before it gave up, that the database and the Engine fit, has marked the Engine again.
    const docker = createDockerClient(endpointFromEnv(process.env))
    await removeInstance(docker, one.app.projects.instanceId)
    await docker.close()
    await database.drop()
  })

  it('says at its start that the port is taken', async () => {
    await expect(startProjectsBerth({ SSH_PORT: String(port) })).rejects.toThrow('EADDRINUSE')
  })
})
