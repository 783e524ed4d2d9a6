import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { joinRun } from '../../../src/client/runs/session.ts'
import { createScriptedSocket, type ScriptedSocket } from './scripted-socket.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

function join () {
  const servers: ScriptedSocket[] = []
  const joined: number[] = []
  const heard: unknown[] = []
  const run = joinRun({
    connect: (since) => {
      const server = createScriptedSocket()
      servers.push(server)
      joined.push(since)
      return server.socket
    },
    onOutput: (data, stream) => heard.push([stream, data]),
    onInputRequired: () => heard.push('input'),
    onStage: (stage) => heard.push(stage),
    isVisible: () => true,
    random: () => 0
  })
  return { run, joined, heard, get server () { return servers.at(-1) as ScriptedSocket } }
}

const connected = { type: 'connected', sessionId: 's', status: 'running' }
const output = (seq: number, data: string, stream = 'stdout') => ({ type: 'output', stream, data, seq })

describe('a run', () => {
  it('tells what happens, and how it ended', async () => {
    const { run, heard, server } = join()
    for (const message of [connected, { type: 'stage', stage: 'run' }, output(1, 'a'), output(2, 'b', 'stderr'), { type: 'input_required' }]) server.say(message)
    server.say({ type: 'execution_complete', status: 'completed', exitCode: 0 })
    expect(heard).toEqual(['run', ['stdout', 'a'], ['stderr', 'b'], 'input'])
    expect(await run.result).toMatchObject({ status: 'completed', exitCode: 0 })
    expect([server.isClosed, vi.getTimerCount()]).toEqual([true, 0])
  })

  it('goes on behind what it has after a lost connection, and hears nothing twice', () => {
    const test = join()
    for (const message of [connected, output(1, 'a'), output(2, 'b')]) test.server.say(message)
    test.server.drop()
    vi.advanceTimersByTime(125)
    expect(test.joined).toEqual([0, 2])
    for (const message of [connected, output(2, 'b'), output(3, 'c')]) test.server.say(message)
    expect(test.heard).toEqual([['stdout', 'a'], ['stdout', 'b'], ['stdout', 'c']])
  })

  it('sends what the program is to read, and says when it cannot', () => {
    const { run, server } = join()
    expect(run.sendInput('early')).toBe(false)
    server.say(connected)
    expect([run.sendInput('x\n'), run.endInput(), run.signal('SIGINT'), run.kill()]).toEqual([true, true, true, true])
    server.drop()
    expect(run.kill()).toBe(false)
    expect(server.messages).toEqual([{ type: 'input', data: 'x\n' }, { type: 'eof' }, { type: 'signal', signal: 'SIGINT' }, { type: 'kill' }])
  })

  it('is lost when the server refuses, in its words', async () => {
    const { run, server } = join()
    server.say({ type: 'error', code: 'SESSION_NOT_FOUND', message: 'There is no such session' })
    server.drop(4404)
    await expect(run.result).rejects.toMatchObject({ name: 'RunLostError', message: 'There is no such session' })
  })

  it('is lost for whoever leaves it', async () => {
    const { run, server } = join()
    run.close()
    await expect(run.result).rejects.toMatchObject({ name: 'RunLostError' })
    expect([server.isClosed, vi.getTimerCount()]).toEqual([true, 0])
  })

  it.each(['{', 'null', { type: 'later' }, { type: 'constructor' }, { type: 'output', stream: 'stdout', data: 'x' }, { type: 'pong' }])('passes over %j', (message) => {
    const { heard, server } = join()
    server.say(connected)
    server.say(message)
    expect(heard).toEqual([])
  })
})
