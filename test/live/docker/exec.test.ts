import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ExecCreateBody, StdioStream } from '../../../src/docker/index.ts'
import { countSockets } from '../../support/descriptors.ts'
import { connectEngine, exitCodeOf } from './engine.ts'

const { docker, run, sweep } = connectEngine()
let container: string

beforeAll(async () => {
  container = await run()
})

afterAll(async () => {
  await sweep()
  await docker.close()
})

async function start (body: ExecCreateBody): Promise<StdioStream & { id: string }> {
  const { Id: id } = await docker.exec.create(container, { AttachStdin: true, AttachStdout: true, AttachStderr: true, ...body })
  return { id, ...await docker.exec.start(id, { tty: body.Tty ?? false }) }
}

/** Reads a terminal until it has shown something, and leaves the rest unread. */
function readUntil ({ stdout }: StdioStream, expected: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let output = ''
    const onData = (chunk: Buffer) => {
      output += chunk.toString()
      if (!expected.test(output)) return
      stdout.off('data', onData).pause()
      resolve(output)
    }
    stdout.on('data', onData).resume()
  })
}

describe('an exec', () => {
  it('takes input up to the half-close and reports its exit code', async () => {
    const exec = await start({ Cmd: ['sh', '-c', 'cat; exit 3'] })
    expect((await docker.exec.inspect(exec.id)).ExitCode).toBeNull()
    exec.stdin.end('input')
    expect(await text(exec.stdout)).toBe('input')
    await exec.closed
    await vi.waitFor(async () => expect(await exitCodeOf(docker, exec.id)).toBe(3))
  })

  it('that cannot start tells why in its output, and exits with 126 or 127', async () => {
    const exec = await start({ Cmd: ['/no/such/program'] })
    const [stdout, stderr] = await Promise.all([text(exec.stdout), text(exec.stderr)])
    expect(stdout + stderr).toContain('/no/such/program')
    await vi.waitFor(async () => expect([126, 127]).toContain(await exitCodeOf(docker, exec.id)))
  })

  it('that does not exist is refused with the Engine’s words', async () => {
    await expect(docker.exec.start('none')).rejects.toMatchObject({ code: 'not_found', daemonMessage: 'No such exec instance: none' })
    await expect(docker.exec.create('none', { Cmd: ['true'] })).rejects.toMatchObject({ code: 'not_found', daemonMessage: 'No such container: none' })
  })

  it('leaves no descriptor behind, a hundred times over', async () => {
    const before = countSockets()
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 10 }, async () => {
        const { stdout, stderr, closed } = await start({ Cmd: ['true'] })
        stdout.resume()
        stderr.resume()
        await closed
      }))
    }
    // What is left are idle connections of the pool of ordinary calls.
    await vi.waitFor(() => expect(countSockets()).toBeLessThanOrEqual(before + 1), { timeout: 10_000 })
  })
})

describe('a TTY exec', () => {
  it('echoes, passes Ctrl-P and Ctrl-P Ctrl-Q at once, and ends with 0x04', async () => {
    const exec = await start({ Cmd: ['sh', '-c', 'stty raw -echo; echo ready; head -c 2 | od -An -tx1; stty sane; echo sane; cat'], Tty: true })
    await readUntil(exec, /ready/)
    exec.stdin.write('\u0010\u0011')
    expect(await readUntil(exec, /sane/)).toMatch(/10 11/)
    exec.stdin.write('\u0004')
    exec.stdout.resume()
    await exec.closed
    await vi.waitFor(async () => expect(await exitCodeOf(docker, exec.id)).toBe(0))
  })

  it('outlives its connection', async () => {
    const exec = await start({ Cmd: ['sh', '-c', 'echo ready; exec sleep 1000'], Tty: true })
    await readUntil(exec, /ready/)
    exec.destroy()
    await exec.closed
    expect((await docker.exec.inspect(exec.id)).Running).toBe(true)
  })
})
