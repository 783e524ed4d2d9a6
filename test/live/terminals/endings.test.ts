import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { patience } from '../../support/patience.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { removeInstance } from '../support/remove-left.ts'
import { cookieOf, createClient, signUp, withCookie } from '../support/client.ts'
import { openTerminal, type TerminalClient } from '../../support/terminal-client.ts'
import { createTerminals, processesOf } from './terminals.ts'

let berth: Berth
let terminals: Awaited<ReturnType<typeof createTerminals>>
beforeAll(async () => {
  berth = await startBerth({ TERMINAL_GRACE: '500ms' })
  terminals = await createTerminals(berth.origin)
})
afterAll(async () => {
  await terminals.user.remove(terminals.projectId)
  await berth.stop()
})

// Each ignores the hangup in a way of its own.
const leftovers = [
  'nohup sleep 1001 > /dev/null 2>&1 &',
  'setsid sleep 1002 > /dev/null 2>&1 &',
  '(setsid sh -c "trap \'\' HUP TERM; sleep 1003 & sleep 1003 & wait" &)',
  'sh -c \'kill -STOP $$; sleep 1004\' &',
  'python3 -c "import time, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); time.sleep(1005)" &'
]

const sleepers = async () => (await processesOf(terminals.projectId)).filter((command) => /100\d|kill -STOP/.test(command))

async function leaveSomethingBehind (client: TerminalClient): Promise<void> {
  for (const command of leftovers) client.type(`${command}\n`)
  await waitFor('them all to run', async () => {
    const running = (await sleepers()).join('\n')
    return ['1001', '1002', '1003', 'kill -STOP', '1005'].every((mark) => running.includes(mark))
  })
}

describe('nothing of a terminal stays behind', () => {
  it('when it is deleted', async () => {
    const client = await terminals.open()
    await leaveSomethingBehind(client)
    expect((await terminals.end((await client.hello()).terminal)).status).toBe(204)
    expect(await sleepers()).toEqual([])
    expect(await processesOf(terminals.projectId)).toEqual(['/berth/agent init'])
    expect((await client.closed).code).toBe(1000)
    expect(await client.message('exit')).toEqual({ type: 'exit', code: 129 })
  })

  it('when its shell exits', async () => {
    const client = await terminals.open()
    await leaveSomethingBehind(client)
    client.type('exit\nexit\n')
    expect((await client.closed).code).toBe(1000)
    expect(await processesOf(terminals.projectId)).toEqual(['/berth/agent init'])
  })

  it('when nobody comes back to it', async () => {
    const client = await terminals.open()
    await leaveSomethingBehind(client)
    await client.cut()
    await waitFor('the grace to be over', async () => (await processesOf(terminals.projectId)).length === 1)
    expect(await terminals.list()).toEqual([])
  })

  it('when the client has gone before the shell was there', async () => {
    const client = terminals.connect()
    client.ws.once('open', () => client.ws.terminate())
    await client.closed
    await waitFor('it to be ended', async () => (await terminals.list()).length === 0 && (await processesOf(terminals.projectId)).length === 1)
  })

  it('but of the others everything does', async () => {
    const [one, other] = [await terminals.open(), await terminals.open()]
    other.type('sleep 1006\n')
    await waitFor('its job', async () => (await sleepers()).includes('sleep 1006'))
    await terminals.end((await one.hello()).terminal)
    expect(await sleepers()).toEqual(['sleep 1006'])
    await terminals.end((await other.hello()).terminal)
  })
})

describe('a terminal is closed', () => {
  it('with 4409 when its project is stopped', async () => {
    const client = await terminals.open()
    await terminals.user.stop(terminals.projectId)
    expect((await client.closed).code).toBe(4409)
    expect(await client.message('error')).toMatchObject({ code: 'PROJECT_STOPPED' })
    expect(await terminals.list()).toEqual([])
  })

  it('with 4409 when its container ends by itself', async () => {
    const client = await terminals.open()
    const { containerId } = await terminals.user.status(terminals.projectId)
    await berth.app.docker.containers.kill(containerId ?? '')
    expect((await client.closed).code).toBe(4409)
  })

  it('with 4404 when its project is deleted', async () => {
    const { id } = await terminals.user.createProject()
    const client = openTerminal(`${berth.origin}/terminal/${id}`, { headers: { 'X-API-Key': terminals.user.key } })
    await client.hello()
    await terminals.user.remove(id)
    expect((await client.closed).code).toBe(4404)
    expect(await client.message('error')).toMatchObject({ code: 'PROJECT_NOT_FOUND' })
  })

  it('with 4401 when its user signs out, while the shell waits for who comes back', async () => {
    const user = await signUp(berth.origin)
    const { body: project } = await user.call<{ id: string }>('POST', '/projects', { name: 'test', runtime: 'python' })
    const url = `${berth.origin}/terminal/${project.id}`
    const client = openTerminal(url, { headers: user.headers })
    const { terminal } = await client.hello()
    expect((await user.call('POST', '/auth/logout')).status).toBe(204)
    expect((await client.closed).code).toBe(4401)
    expect(await client.message('error')).toMatchObject({ code: 'UNAUTHENTICATED' })
    const refused = openTerminal(`${url}?terminal=${terminal}`, { headers: user.headers })
    expect((await refused.closed).code).toBe(4401)
    const back = await createClient(berth.origin).call('POST', '/auth/signin', { email: user.email, password: user.password })
    await withCookie(berth.origin, cookieOf(back.headers)).call('DELETE', `/projects/${project.id}`)
  })

  it('with 4401 when its key is deleted', async () => {
    const { body: made } = await terminals.user.call<{ id: string, key: string }>('POST', '/auth/keys', { name: 'second' })
    const client = await terminals.open({ headers: { 'X-API-Key': made.key } })
    const other = await terminals.open()
    await terminals.user.call('DELETE', `/auth/keys/${made.id}`)
    expect((await client.closed).code).toBe(4401)
    other.type('echo still $((6*7))\n')
    await other.shows('still 42\r\n')
    await other.close()
  })

  it('with 1013 when the server stops, and its shell waits for who comes back', async () => {
    const stopping = await startBerth()
    const { projectId, open } = await createTerminals(stopping.origin)
    const client = await open()
    client.type('sleep 1007\n')
    await waitFor('the job', async () => (await processesOf(projectId)).includes('sleep 1007'))
    const closing = stopping.app.close()
    expect((await client.closed).code).toBe(1013)
    expect(await client.message('error')).toMatchObject({ code: 'SHUTTING_DOWN' })
    await closing
    expect(await processesOf(projectId)).toContain('sleep 1007')
    await removeInstance(berth.app.docker, stopping.app.projects.instanceId)
    await stopping.stop()
  })
})

describe('an idle project', () => {
  it('is not stopped while a job runs in the foreground, and is when it is over', async () => {
    const impatient = await startBerth({ IDLE_TIMEOUT: `${1_500 * patience}ms` })
    const { user, projectId, open } = await createTerminals(impatient.origin)
    const client = await open()
    const start = performance.now()
    client.type(`sleep ${4 * patience}\n`)
    await waitFor('it to have been quiet for longer', () => performance.now() - start > 2_000 * patience)
    expect(Date.parse((await user.status(projectId)).stopsAt ?? '')).toBeGreaterThan(Date.now())
    expect((await client.closed).code).toBe(4409)
    expect(performance.now() - start).toBeGreaterThan(4_000 * patience)
    await user.remove(projectId)
    await impatient.stop()
  })
})
