import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { describeAgent } from '../../support/agent-suite.ts'

describeAgent('init of a project', ({ binary, env }) => {
  /** Runs `agent init` as PID 1 beside a shell that an Engine would have started with exec. */
  async function startInit (beside: string) {
    const script = `(${beside}) & exec "$0" init --root /`
    const unshare = spawn('unshare', ['--pid', '--net', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', script, binary()], { env: env(), stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void unshare.kill('SIGKILL'))
    let output = ''
    unshare.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
    const ended = once(unshare, 'close').then(([code]) => code as number)
    while (!output.includes('ready')) await once(unshare.stdout, 'data')
    // Until the agent has taken over and blocked all signals, an init loses what it is sent.
    const pid = await vi.waitFor(async () => {
      const child = Number(await readFile(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8'))
      expect(await readFile(`/proc/${child}/status`, 'utf8')).toMatch(/^SigBlk:\tf/m)
      return child
    }, 5000)
    return { pid, ended, output: () => output }
  }

  test('passes SIGTERM from outside on, and ends when everybody has', async () => {
    const init = await startInit('trap "echo terminated; exit" TERM; echo ready; while :; do sleep 0.01; done')
    process.kill(init.pid, 'SIGTERM')
    expect(await init.ended).toBe(0)
    expect(init.output()).toBe('ready\nterminated\n')
  })

  test('is not ended by a signal from inside', async () => {
    // Not before the shell has become the agent: it would die of SIGINT. Then not before the agent has taken what is
    // pending: a second SIGTERM would not be queued behind it.
    const [blocked, taken] = ['SigBlk:.f', 'ShdPnd:.0*$'].map((line) => `until grep -q "^${line}" /proc/1/status; do sleep 0.01; done`)
    const init = await startInit(`${blocked}; kill -TERM 1; kill -KILL 1; kill -INT 1; ${taken}; echo ready; trap "echo asked; exit" TERM; while :; do sleep 0.01; done`)
    process.kill(init.pid, 'SIGTERM')
    expect(await init.ended).toBe(0)
    expect(init.output()).toContain('ready')
  })

  test('kills who does not end in time', async () => {
    const init = await startInit('trap "" TERM; echo ready; while :; do sleep 1; done')
    process.kill(init.pid, 'SIGTERM')
    expect(await init.ended).toBe(0)
  })
})
