import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { controlProcess, listProcesses } from '../../../src/sandbox/agent-client/processes.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { keptProcesses, namesOf } from '../../support/kept-processes.ts'
import { waitFor } from '../../support/wait-for.ts'

describeAgent('the end of a process that PID 1 keeps', (suite) => {
  const { root, env } = suite
  const { startInit, connect, start, follow, kept, ended } = keptProcesses(suite)

  test('is ended with its whole tree', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'tree', '(setsid sh -c "trap \'\' HUP TERM; sleep 1000; sleep 1000" &) ; trap "" TERM; (sleep 1001 & sleep 1002); wait')
    await start(agent, 'other', 'exec sleep 1003')
    await waitFor('the tree', async () => namesOf((await listProcesses(agent)).running).filter((name) => name.startsWith('sleep')).length === 4)
    const { running } = await listProcesses(agent)
    expect(new Set(running.map(({ owner }) => owner))).toEqual(new Set(['tree', 'other']))
    await controlProcess(agent, { id: 'tree', stopMs: 50 })
    expect(await ended(agent, 'tree')).toMatchObject({ signal: 9, exitCode: undefined })
    expect(namesOf((await listProcesses(agent)).running)).toEqual(['sleep 1003'])
  })

  test('has time to end in order', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'orderly', 'trap "echo bye; exit 0" TERM; echo ready; while :; do :; done')
    const output = follow(agent, { id: 'orderly' })
    await output.shows('ready')
    await controlProcess(agent, { id: 'orderly', stopMs: 60_000 })
    expect(await output.result).toMatchObject({ exitCode: 0 })
    expect(output.text()).toBe('ready\nbye\n')
  })

  test('starts again when it fails, until it is stopped', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'failing', 'echo once; [ -e enough ] || exit 1', { restart: 'on-failure' })
    await waitFor('a restart', async () => ((await kept(agent, 'failing'))?.restarts ?? 0) > 0)
    await writeFile(join(root(), 'enough'), '')
    expect(await ended(agent, 'failing')).toMatchObject({ exitCode: 0 })

    await start(agent, 'always', 'echo again', { restart: 'always' })
    await waitFor('two restarts', async () => ((await kept(agent, 'always'))?.restarts ?? 0) > 1)
    await controlProcess(agent, { id: 'always', stopMs: 0 })
    await ended(agent, 'always')
    const output = follow(agent, { id: 'always' })
    await output.result
    expect(output.text()).toMatch(/^(again\n){2,}$/)
  })

  test('is started anew when asked to', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'anew', 'echo $$; exec sleep 1000')
    const before = await waitFor('it', async () => await kept(agent, 'anew'))
    await controlProcess(agent, { id: 'anew', stopMs: 1000, restart: true })
    const after = await waitFor('a restart', async () => {
      const process = await kept(agent, 'anew')
      return process?.restarts === 1 && process.pid > 0 && process
    })
    expect(after.pid).not.toBe(before.pid)
    await controlProcess(agent, { id: 'anew', stopMs: 0 })
    await ended(agent, 'anew')
    await controlProcess(agent, { id: 'anew', forget: true })
    expect(await kept(agent, 'anew')).toBeUndefined()
  })

  test('ends with the last who is attached, if it is bound to these, also when they are cut off', async () => {
    const init = await startInit()
    const { agent } = await connect(init)
    const doomed = await connect(init)
    await start(agent, 'bound', 'trap "" TERM; echo here; sleep 1000; sleep 1000', { patienceMs: 0 })
    const [here, there] = [follow(agent, { id: 'bound' }), follow(doomed.agent, { id: 'bound' })]
    await Promise.all([here.shows('here'), there.shows('here')])
    here.detach()
    await expect(here.result).rejects.toMatchObject({ code: 11 })
    expect(await kept(agent, 'bound')).toMatchObject({ state: 'running' })
    doomed.child.kill('SIGKILL')
    await waitFor('its end', async () => {
      const { kept: all, running } = await listProcesses(agent)
      return all.length === 0 && running.length === 0
    })
  })

  test('goes before the others when memory is short, if it is to', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'first', 'cat /proc/self/oom_score_adj; sleep 1000', { isFirstToGo: true })
    await start(agent, 'other', 'cat /proc/self/oom_score_adj; sleep 1000', { patienceMs: 0 })
    await follow(agent, { id: 'first' }).shows('1000\n')
    await follow(agent, { id: 'other' }).shows('600\n')
  })

  test('ends also by itself, if it is bound, and is forgotten then', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'bound', 'read -r go; exit 4', { patienceMs: 0 })
    const output = follow(agent, { id: 'bound' })
    output.sendInput(Buffer.from('go\n'))
    expect(await output.result).toMatchObject({ exitCode: 4 })
    await waitFor('it to be forgotten', async () => (await kept(agent, 'bound')) === undefined)
  })

  test('ends when nobody comes to attach to it, if it is bound', async () => {
    const { agent } = await connect(await startInit())
    await start(agent, 'bound', 'exec sleep 1000', { patienceMs: 0 })
    await waitFor('its end', async () => (await kept(agent, 'bound')) === undefined, 20_000)
  })

  describe('bound to whoever is attached, leaves nothing behind', () => {
    const SHELL = { args: ['/bin/bash', '--norc', '--noprofile', '-i'] as [string, ...string[]], size: { cols: 80, rows: 24 }, patienceMs: 300 }
    // Each ignores the hangup in a way of its own.
    const leftovers = {
      'a job in the background': 'sleep 1000 &',
      nohup: 'nohup sleep 1000 > /dev/null 2>&1 &',
      setsid: 'setsid sleep 1000 &',
      'a double fork': '(setsid sh -c "trap \'\' HUP TERM INT; sleep 1000 & sleep 1000 & wait" > /dev/null 2>&1 &)',
      'a stopped job': 'sh -c "kill -STOP \\$\\$; sleep 1000" &'
    }
    const sleepers = async (agent: AgentConnection): Promise<string[]> => namesOf((await listProcesses(agent)).running).filter((name) => name.includes('sleep 1000'))

    async function startShell (agent: AgentConnection) {
      await start(agent, 'shell', '', { ...SHELL, env: { BERTH_PROCESS: 'shell', ...env(), PS1: 'ready ', TERM: 'dumb' } })
      const output = follow(agent, { id: 'shell' })
      await output.shows('ready')
      return output
    }

    test.each(Object.entries(leftovers))('of %s, when it ends by itself', async (_, command) => {
      const { agent } = await connect(await startInit())
      const output = await startShell(agent)
      output.sendInput(Buffer.from(`${command}\n`))
      await waitFor('the leftover', async () => (await sleepers(agent)).length > 0)
      output.sendInput(Buffer.from('exit 3\nexit 3\n'))
      expect(await output.result).toMatchObject({ exitCode: 3 })
      expect(await sleepers(agent)).toEqual([])
    })

    test('of anything, when nobody has been attached for long enough, but not before', async () => {
      const init = await startInit()
      const { agent } = await connect(init)
      const output = await startShell(agent)
      for (const command of Object.values(leftovers)) output.sendInput(Buffer.from(`${command}\n`))
      await waitFor('all of them', async () => (await sleepers(agent)).length >= 6)
      output.detach()
      await output.result.catch(() => undefined)
      const again = follow(agent, { id: 'shell' })
      again.sendInput(Buffer.from('echo $((6 * 7))\n'))
      await again.shows('42')
      again.detach()
      await again.result.catch(() => undefined)
      await waitFor('the end', async () => {
        const { kept: all, running } = await listProcesses(agent)
        return all.length + running.length === 0
      })
    })

    test('and waits for somebody to see how it ended', async () => {
      const { agent } = await connect(await startInit())
      await start(agent, 'bound', 'read -r go; echo last; exit 7', { patienceMs: 600_000 })
      const first = follow(agent, { id: 'bound' })
      first.sendInput(Buffer.from('go\n'))
      first.detach()
      await first.result.catch(() => undefined)
      await ended(agent, 'bound')
      const second = follow(agent, { id: 'bound' })
      expect(await second.result).toMatchObject({ exitCode: 7 })
      expect(second.text()).toBe('last\n')
      await controlProcess(agent, { id: 'bound', forget: true })
      await start(agent, 'impatient', 'exit 7', { patienceMs: 300 })
      expect(await ended(agent, 'impatient')).toMatchObject({ exitCode: 7 })
      await waitFor('it to be forgotten', async () => (await kept(agent, 'impatient')) === undefined)
    })
  })

  test('goes with PID 1, which gives all time to end in order and starts none again', async () => {
    const init = await startInit()
    const { agent } = await connect(init)
    await start(agent, 'orderly', 'trap "sleep 0.2; echo bye > bye; exit 0" TERM; echo ready; while :; do sleep 0.01; done', { restart: 'always' })
    await follow(agent, { id: 'orderly' }).shows('ready')
    process.kill(init.pid, 'SIGTERM')
    expect(await init.ended).toBe(0)
    expect(await readFile(join(root(), 'bye'), 'utf8')).toBe('bye\n')
  })
})
