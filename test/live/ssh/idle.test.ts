import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClientChannel } from 'ssh2'
import { waitFor } from '../../support/wait-for.ts'
import { createPerson, type Person } from '../members/people.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { createSshUser, sshOf, type SshUser } from './client.ts'

let berth: Berth
let owner: Person
let project: string
let ada: SshUser

beforeAll(async () => {
  berth = await startProjectsBerth({ SSH_PORT: '0', IDLE_TIMEOUT: '4s' })
  owner = await createPerson(berth.origin)
  ;({ id: project } = await owner.createProject())
  ada = await createSshUser((await sshOf(berth)).port, owner)
})
afterAll(async () => {
  await owner.remove(project)
  await ada.remove()
  await berth.stop()
})

async function runInShell (line: string): Promise<{ readonly text: () => string, readonly end: () => void }> {
  const client = await ada.connect(project)
  const channel = await new Promise<ClientChannel>((resolve, reject) => client.shell((error, opened) => error === undefined ? resolve(opened) : reject(error)))
  let text = ''
  channel.on('data', (bytes: Buffer) => { text += bytes.toString() }).write(`${line}\n`)
  return { text: () => text, end: () => client.end() }
}

describe('a project that is worked in by SSH', () => {
  it('is not idle while a command works without a word', async () => {
    expect(await ada.ssh([`${project}@127.0.0.1`, 'sleep 9; echo done'])).toMatchObject({ code: 0, text: 'done\n' })
  })

  it('is not idle while a shell without a terminal works on what it is given to read', async () => {
    expect(await ada.ssh(['-T', `${project}@127.0.0.1`], 'sleep 9; echo done\n')).toMatchObject({ code: 0, text: 'done\n' })
  })

  it('is not idle while a shell has a job in the foreground, and is when it only waits', async () => {
    const shell = await runInShell('sleep 9; echo $((40 + 2))')
    await waitFor('the job', () => shell.text().includes('42'), 30_000)
    await waitFor('the project to be stopped', async () => (await owner.status(project)).status === 'stopped', 30_000)
    shell.end()
  })
})
