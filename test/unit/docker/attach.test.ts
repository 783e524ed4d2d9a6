import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDockerClient, type DockerClient, type StdioStream } from '../../../src/docker/index.ts'
import { frame, hangUpWithClient, readInput, startFakeEngine, switchingProtocols, type FakeEngine } from '../../support/fake-engine.ts'

let engine: FakeEngine
let docker: DockerClient

beforeEach(async () => {
  engine = await startFakeEngine()
  docker = createDockerClient({ host: engine.host })
})

afterEach(async () => {
  vi.useRealTimers()
  await docker.close()
  await engine.close()
})

function onAttach (script: (socket: Socket) => unknown): void {
  engine.on('POST /containers/*/attach', (_request, { socket }) => void script(socket))
}

async function readBoth ({ stdout, stderr, closed }: StdioStream): Promise<[string, string]> {
  const [out, error] = await Promise.all([text(stdout), text(stderr), closed])
  return [out, error]
}

describe('the answer to an attach', () => {
  it('loses nothing wherever head and frames are cut', async () => {
    const answer = Buffer.concat([Buffer.from(switchingProtocols), frame(1, 'out'), frame(2, 'err'), frame(1, 'more')])
    for (let at = 0; at <= answer.length; at++) {
      onAttach(async (socket) => {
        socket.write(answer.subarray(0, at))
        await turn()
        await turn()
        socket.end(answer.subarray(at))
      })
      expect(await readBoth(await docker.containers.attach('c'))).toEqual(['outmore', 'err'])
    }
  })

  it('is a stream too with 200 and without upgrade headers', async () => {
    onAttach((socket) => socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), frame(1, 'out')])))
    expect(await readBoth(await docker.containers.attach('c'))).toEqual(['out', ''])
  })

  it('keeps the text of a refusal that has no Content-Length, wherever it is cut', async () => {
    const refusal = 'HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\nNo such container: c\r\n'
    for (let at = 0; at <= refusal.length; at += 3) {
      onAttach(async (socket) => {
        socket.write(refusal.slice(0, at))
        await turn()
        await turn()
        socket.end(refusal.slice(at))
      })
      await expect(docker.containers.attach('c')).rejects.toMatchObject({ code: 'not_found', status: 404, daemonMessage: 'No such container: c' })
    }
  })

  it('ends a refusal at its Content-Length, though the connection stays open', async () => {
    engine.on('POST /containers/*/attach', (_request, reply) => reply.json(409, { message: 'container c is paused' }))
    await expect(docker.containers.attach('c')).rejects.toMatchObject({ code: 'conflict', daemonMessage: 'container c is paused' })
    await vi.waitFor(() => expect(engine.sockets).toHaveProperty('size', 0))
  })

  it('joins a refusal that comes in chunks', async () => {
    onAttach((socket) => socket.write('HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{"message":"runc\r\n7\r\n died"}\r\n0\r\n\r\n'))
    await expect(docker.containers.attach('c')).rejects.toMatchObject({ code: 'server_error', daemonMessage: 'runc died' })
  })

  it.each([
    ['nothing', '', 'unavailable'],
    ['half a head', 'HTTP/1.1 101 UPGR', 'unavailable'],
    ['something that is not HTTP', '* OK IMAP4rev1 ready\r\n\r\n', 'protocol'],
    ['a head without end', `HTTP/1.1 101 UPGRADED\r\nX: ${'x'.repeat(70_000)}`, 'protocol']
  ])('is a %s: an error', async (_name, bytes, code) => {
    onAttach((socket) => socket.end(bytes))
    await expect(docker.containers.attach('c')).rejects.toMatchObject({ code, operation: 'containerAttach' })
    await vi.waitFor(() => expect(engine.sockets).toHaveProperty('size', 0))
  })

  it('is waited for until the deadline and not longer', async () => {
    onAttach((socket) => hangUpWithClient(socket).write('HTTP/1.1 101'))
    await expect(docker.containers.attach('c', {}, { deadlineMs: 30 })).rejects.toMatchObject({ code: 'timeout' })
    await vi.waitFor(() => expect(engine.sockets).toHaveProperty('size', 0))
  })

  it('is not waited for once the caller aborts', async () => {
    const controller = new AbortController()
    onAttach(() => controller.abort())
    await expect(docker.containers.attach('c', {}, { signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' })
  })
})

describe('attached input', () => {
  it('is sent only after the Engine has switched, and half-closed by end()', async () => {
    let early = 0
    onAttach(async (socket) => {
      const count = (chunk: Buffer) => { early += chunk.length }
      socket.on('data', count)
      await turn()
      socket.off('data', count)
      socket.write(switchingProtocols)
      socket.end(frame(1, `read: ${await readInput(socket)}`))
    })
    const stream = await docker.containers.attach('c')
    stream.stdin.end('line')
    expect(await readBoth(stream)).toEqual(['read: line', ''])
    expect(early).toBe(0)
  })

  it.each([
    ['before', 'resets the connection'],
    ['after', 'breaks the pipe']
  ])('that is sent %s the process exits %s and loses none of its output', async (moment) => {
    const output = 'x'.repeat(150_000)
    let exit: () => void
    let hasClosed: Promise<unknown> | undefined
    onAttach((socket) => {
      hasClosed = once(socket, 'close')
      socket.pause()
      socket.write(switchingProtocols)
      exit = () => socket.write(frame(1, output), () => socket.destroy())
    })
    const stream = await docker.containers.attach('c')
    if (moment === 'before') stream.stdin.write(Buffer.alloc(1 << 20))
    exit!()
    await hasClosed
    if (moment === 'after') stream.stdin.write(Buffer.alloc(1 << 20))
    await turn()
    expect(await readBoth(stream)).toEqual([output, ''])
  })
})

describe('attached output', () => {
  it('is all there when the connection ends, and our half is closed too', async () => {
    onAttach((socket) => {
      hangUpWithClient(socket).write(switchingProtocols)
      socket.end(frame(1, 'bye'))
    })
    expect(await readBoth(await docker.containers.attach('c'))).toEqual(['bye', ''])
    await vi.waitFor(() => expect(engine.sockets).toHaveProperty('size', 0))
  })

  it('that ends inside a frame is an error and not an end', async () => {
    onAttach((socket) => {
      socket.write(switchingProtocols)
      socket.end(frame(1, 'whole').subarray(0, 10))
    })
    const { stdout, closed } = await docker.containers.attach('c')
    await expect(text(stdout)).rejects.toMatchObject({ code: 'protocol' })
    await expect(closed).rejects.toMatchObject({ code: 'protocol', message: 'containerAttach: the stream ended inside a frame, 3 bytes short' })
  })

  it('turns a daemon error frame into an error', async () => {
    onAttach((socket) => {
      socket.write(switchingProtocols)
      const error = frame(3, 'unable to read the log')
      socket.write(error.subarray(0, 12))
      socket.write(error.subarray(12))
    })
    const { closed } = await docker.containers.attach('c')
    await expect(closed).rejects.toMatchObject({ code: 'server_error', daemonMessage: 'unable to read the log' })
  })

  it('that nobody reads stops the Engine, and goes on when it is read', async () => {
    const total = 64 << 20
    let sent = 0
    let isStopped = false
    onAttach(async (socket) => {
      socket.write(switchingProtocols)
      const chunk = frame(1, Buffer.alloc(32 * 1024))
      for (; sent < total; sent += 32 * 1024) {
        if (socket.write(chunk)) continue
        isStopped = true
        await once(socket, 'drain')
        isStopped = false
      }
      socket.end()
    })
    const { stdout, stderr, closed } = await docker.containers.attach('c')
    await vi.waitUntil(() => isStopped && stdout.readableLength >= stdout.readableHighWaterMark)
    const held = sent
    await turn()
    expect(sent).toBe(held)
    expect(held).toBeLessThan(2 << 20)

    let received = 0
    for await (const chunk of stdout as AsyncIterable<Buffer>) received += chunk.length
    stderr.resume()
    await closed
    expect(received).toBe(total)
  })

  it('of a destroyed stdout is discarded, and stderr goes on', async () => {
    onAttach((socket) => {
      socket.write(switchingProtocols)
      for (let i = 0; i < 100; i++) socket.write(frame(1, Buffer.alloc(32 * 1024)))
      socket.end(frame(2, 'done'))
    })
    const { stdout, stderr, closed } = await docker.containers.attach('c')
    stdout.destroy()
    expect(await text(stderr)).toBe('done')
    await closed
  })

  it('is not held in memory by a few bytes of a large packet', async () => {
    onAttach((socket) => {
      socket.write(switchingProtocols)
      socket.end(Buffer.concat([frame(2, 'few'), frame(1, Buffer.alloc(30_000))]))
    })
    const { stdout, stderr, closed } = await docker.containers.attach('c')
    stdout.resume()
    await closed
    const few = stderr.read() as Buffer
    expect(few.toString()).toBe('few')
    expect(few.buffer.byteLength).toBeLessThan(30_000)
  })

  it('of a TTY is the bytes as they are', async () => {
    onAttach((socket) => {
      socket.write(switchingProtocols)
      socket.end('\u0001\u0000\u0000not a frame')
    })
    expect(await readBoth(await docker.containers.attach('c', { tty: true }))).toEqual(['\u0001\u0000\u0000not a frame', ''])
  })

  it('is cut by the caller’s signal', async () => {
    onAttach((socket) => socket.write(switchingProtocols))
    const controller = new AbortController()
    const { closed } = await docker.containers.attach('c', {}, { signal: controller.signal })
    controller.abort()
    await expect(closed).rejects.toMatchObject({ code: 'aborted' })
  })

  it('has no deadline once it is open', async () => {
    let connection: Socket | undefined
    onAttach((socket) => {
      connection = socket
      socket.write(switchingProtocols)
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const stream = await docker.containers.attach('c')
    await vi.advanceTimersByTimeAsync(3_600_000)
    vi.useRealTimers()
    connection?.end(frame(1, 'late'))
    expect(await readBoth(stream)).toEqual(['late', ''])
  })

  it('closes without an error when it is destroyed without one', async () => {
    onAttach((socket) => socket.write(switchingProtocols))
    const { destroy, closed } = await docker.containers.attach('c')
    destroy()
    await expect(closed).resolves.toBeUndefined()
  })

  it('rejects with the error that it is destroyed with', async () => {
    onAttach((socket) => socket.write(switchingProtocols))
    const { destroy, closed } = await docker.containers.attach('c')
    destroy(new Error('enough'))
    await expect(closed).rejects.toThrow('enough')
  })
})

describe('detach keys', () => {
  it('are a sequence that nobody types, on a TTY', async () => {
    onAttach((socket) => socket.end(switchingProtocols))
    await docker.containers.attach('c', { tty: true })
    await docker.containers.attach('c')
    expect(engine.requests.filter(({ path }) => path.endsWith('/attach')).map(({ query }) => query.get('detachKeys')))
      .toEqual(['ctrl-^,ctrl-@,ctrl-^,ctrl-@,ctrl-^,ctrl-@', null])
  })
})
