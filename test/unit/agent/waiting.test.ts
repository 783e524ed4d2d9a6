import { EventKind, FrameType } from '../../../src/sandbox/agent-protocol.ts'
import { openRun, type AgentProcess } from '../../support/agent-process.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { expect, test } from 'vitest'

function waits (agent: AgentProcess): number {
  return agent.frames.filter(({ type, payload }) => type === FrameType.EVENT && payload[0] === EventKind.WAITING_FOR_INPUT).length
}

describeAgent('waiting for input', ({ start, env }) => {
  const request = (...args: [string, ...string[]]) => ({ args, env: env(), reportInputWait: true })

  test.each<[string, [string, ...string[]]]>([
    ['python input()', ['/usr/bin/python3', '-c', 'print(input("name? "))']],
    ['head', ['head', '-1']],
    ['bash read', ['bash', '-c', 'read line; echo $line']],
    ['node readline', ['node', '-e', 'require("readline").createInterface({ input: process.stdin }).once("line", (line) => { console.log(line); process.exit() })']],
    ['a child', ['sh', '-c', 'head -1; true']],
    ['a thread', ['/usr/bin/python3', '-c', 'import threading\nt = threading.Thread(target=lambda: print(input()))\nt.start()\nt.join()']],
    ['poll', ['/usr/bin/python3', '-c', 'import select, sys\np = select.poll()\np.register(0, select.POLLIN)\np.poll()\nprint(sys.stdin.readline())']],
    ['select', ['/usr/bin/python3', '-c', 'import select, sys\nselect.select([0], [], [])\nprint(sys.stdin.readline())']],
    ['epoll', ['/usr/bin/python3', '-c', 'import select, sys\ne = select.epoll()\ne.register(0, select.EPOLLIN)\ne.poll()\nprint(sys.stdin.readline())']],
    ['poll of an epoll set', ['/usr/bin/python3', '-c', 'import select, sys\ne = select.epoll()\ne.register(0, select.EPOLLIN)\np = select.poll()\np.register(e.fileno(), select.POLLIN)\np.poll()\nprint(sys.stdin.readline())']],
    ['select of an epoll set', ['/usr/bin/python3', '-c', 'import select, sys\ne = select.epoll()\ne.register(0, select.EPOLLIN)\nselect.select([e], [], [])\nprint(sys.stdin.readline())']],
    ['another number of the descriptor', ['bash', '-c', 'exec 9<&0 </dev/null; read -u 9 line; echo $line']]
  ])('tells that %s waits, once', async (_, args) => {
    const agent = await start()
    const run = openRun(agent, 1, request(...args))
    await run.waiting()
    run.input('answer\n')
    const { stdout, result } = await run.finish()
    expect(stdout).toContain('answer')
    expect(result.exitCode).toBe(0)
    expect(waits(agent)).toBe(1)
  })

  test('tells of each wait anew', async () => {
    const agent = await start()
    const run = openRun(agent, 1, request('cat'))
    for (let i = 1; i <= 3; i++) {
      await agent.waitFor(() => waits(agent) === i, `wait ${i}`)
      run.input(`${i}\n`)
    }
    await agent.waitFor(() => waits(agent) === 4, 'the last wait')
    run.endInput()
    expect((await run.finish()).stdout).toBe('1\n2\n3\n')
  })

  test.each<[string, [string, ...string[]]]>([
    ['sleeps', ['sleep', '0.3']],
    ['is busy', ['/usr/bin/python3', '-c', 'import time\nwhile time.process_time() < 0.3: pass']],
    ['reads something else', ['sh', '-c', 'sleep 0.3 | cat']],
    ['polls an epoll set of something else', ['/usr/bin/python3', '-c', 'import os, select\ne = select.epoll()\ne.register(os.pipe()[0], select.EPOLLIN)\np = select.poll()\np.register(e.fileno(), select.POLLIN)\np.poll(300)']],
    ['polls for output', ['/usr/bin/python3', '-c', 'import select\np = select.poll()\np.register(0, 0)\np.poll(300)']]
  ])('is silent while a program %s', async (_, args) => {
    const agent = await start()
    expect((await openRun(agent, 1, request(...args)).finish()).result.exitCode).toBe(0)
    expect(waits(agent)).toBe(0)
  })

  test('is silent after the end of input, and unless asked', async () => {
    const agent = await start()
    const ended = openRun(agent, 1, request('sh', '-c', 'cat; sleep 0.2'))
    ended.endInput()
    await ended.finish()
    await openRun(agent, 2, { args: ['cat'], env: env(), wallMs: 200 }).finish()
    expect(waits(agent)).toBe(0)
  })
})
