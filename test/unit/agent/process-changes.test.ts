import { expect, test } from 'vitest'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { attachProcess, controlProcess, followProcesses } from '../../../src/sandbox/agent-client/processes.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { keptProcesses } from '../../support/kept-processes.ts'
import { waitFor } from '../../support/wait-for.ts'

describeAgent('changes of processes that PID 1 keeps', (suite) => {
  const { startInit, connect, start, follow, ended } = keptProcesses(suite)

  function followChanges (agent: AgentConnection, after = 0) {
    const told: string[] = []
    const numbers: number[] = []
    followProcesses(agent, after, ({ number, process: { id, state, exitCode, signal, restarts } }) => {
      numbers.push(number)
      told.push([id, state, exitCode ?? signal ?? '-', restarts].join(' '))
    }).catch(() => undefined)
    return { told, numbers, tells: async (...last: string[]) => await waitFor(`${last.join()} in ${told.join()}`, () => told.slice(-last.length).join() === last.join()) }
  }

  test('tells everybody who follows of starts and ends, in their order', async () => {
    const init = await startInit()
    const { agent } = await connect(init)
    const followers = [followChanges(agent), followChanges((await connect(init)).agent)]
    await start(agent, 'one', 'read -r go; exit 3')
    for (const follower of followers) await follower.tells('one running - 0')
    const one = follow(agent, { id: 'one' })
    one.sendInput(Buffer.from('go\n'))
    for (const follower of followers) await follower.tells('one ended 3 0')
    await start(agent, 'two', 'exec sleep 1000')
    await controlProcess(agent, { id: 'two', signal: 9 })
    await ended(agent, 'two')
    await start(agent, 'bound', 'exit 4', { patienceMs: 0 })
    // It may be forgotten by then.
    await follow(agent, { id: 'bound' }).result.catch(() => undefined)
    for (const { told, numbers, tells } of followers) {
      await tells('bound ended 4 0')
      expect(told.filter((line) => line.startsWith('two'))).toEqual(['two running - 0', 'two ended 9 0'])
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    }
  })

  test('tells of restarts, and of a stop when the whole tree is gone', async () => {
    const { agent } = await connect(await startInit())
    const { told, tells } = followChanges(agent)
    await start(agent, 'failing', 'exit 1', { restart: 'on-failure' })
    await tells('failing running - 0', 'failing waiting 1 0', 'failing running 1 1', 'failing waiting 1 1')
    await controlProcess(agent, { id: 'failing', stopMs: 0 })
    await ended(agent, 'failing')
    await start(agent, 'tree', '(trap "" TERM; sleep 1000; sleep 1001) & trap "exit 0" TERM; echo ready; wait')
    await follow(agent, { id: 'tree' }).shows('ready')
    await controlProcess(agent, { id: 'tree', stopMs: 300, restart: true })
    await tells('tree running 0 1')
    expect(told.filter((line) => line.startsWith('tree')).length).toBeLessThanOrEqual(3)
  })

  test('tells whoever comes again what has changed meanwhile, and nothing else', async () => {
    const init = await startInit()
    const first = await connect(init)
    const before = followChanges(first.agent)
    await start(first.agent, 'old', 'exit 0')
    await before.tells('old ended 0 0')
    await start(first.agent, 'cat', 'exec cat')
    await before.tells('cat running - 0')
    first.child.kill('SIGKILL')
    await first.gone
    const { agent } = await connect(init)
    attachProcess(agent, { id: 'cat', closesInput: true }).endInput()
    await ended(agent, 'cat')
    await followChanges(agent, before.numbers.at(-1)).tells('cat ended 0 0')
    const late = followChanges(agent, before.numbers.at(-1))
    await late.tells('cat ended 0 0')
    expect(late.told).toHaveLength(1)
  })
})
