import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { createDockerClient, createFrameDecoder } from '../../src/docker/index.ts'
import { frame, startFakeEngine, switchingProtocols } from '../support/fake-engine.ts'
import { interleave, reportLine, type Print } from './measure.ts'

const socketPath = '/var/run/docker.sock'
const frameBytes = 32 * 1024

/** What the Engine client adds: to a call, to each byte of a stream, and to the memory while a reader is slow. */
export async function benchClient (print: Print): Promise<void> {
  await benchPing(print)
  benchFrames(print)
  await benchSlowReader(print)
}

async function benchPing (print: Print): Promise<void> {
  const docker = createDockerClient({ host: `unix://${socketPath}` })
  const bare = new Pool('http://docker', { socketPath, connections: 1 })
  const cases = {
    bare: async () => {
      const { body } = await bare.request({ method: 'GET', path: '/_ping' })
      await body.text()
    },
    ours: async () => {
      await docker.system.ping()
    }
  }
  await interleave(200, cases)
  const samples = await interleave(2000, cases)
  print(reportLine('_ping, undici alone', samples.bare))
  print(reportLine('_ping, Engine client (target 1.2 x)', samples.ours, samples.bare))
  await Promise.all([docker.close(), bare.close()])
}

function benchFrames (print: Print): void {
  const stream = Buffer.concat(Array.from({ length: 64 }, () => frame(1, Buffer.alloc(frameBytes))))
  // As a socket delivers them: chunks of 64 KiB, so that frames begin and end anywhere.
  const chunks = Array.from({ length: Math.ceil(stream.length / 65_536) }, (_, index) => stream.subarray(index * 65_536, (index + 1) * 65_536))
  let received = 0
  const decoder = createFrameDecoder((_type, piece) => { received += piece.length })
  const start = performance.now()
  while (received < 8e9) for (const chunk of chunks) decoder.push(chunk)
  const seconds = (performance.now() - start) / 1000
  print(`frames of 32 KiB decoded (target 1 GB/s)     ${(received / 1e9 / seconds).toFixed(1)} GB/s`)
}

async function benchSlowReader (print: Print): Promise<void> {
  const total = 1e9
  const engine = await startFakeEngine()
  const docker = createDockerClient({ host: engine.host })
  const payload = frame(1, Buffer.alloc(frameBytes))
  engine.on('POST /containers/*/attach', async (_request, { socket }) => {
    socket.write(switchingProtocols)
    for (let sent = 0; sent < total; sent += frameBytes) {
      if (!socket.write(payload)) await once(socket, 'drain')
    }
    socket.end()
  })

  const { stdout, stderr, closed } = await docker.containers.attach('bench')
  stderr.resume()
  const before = process.memoryUsage.rss()
  let peak = before
  let received = 0
  let untilPause = 0
  const start = performance.now()
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    received += chunk.length
    untilPause -= chunk.length
    if (untilPause > 0) continue
    untilPause = 4e6
    peak = Math.max(peak, process.memoryUsage.rss())
    await pause(1)
  }
  await closed
  const seconds = (performance.now() - start) / 1000
  print(`${(received / 1e9).toFixed(1)} GB stream read slowly, in ${seconds.toFixed(1)} s: memory grew by ${((peak - before) / 1e6).toFixed(0)} MB`)
  await docker.close()
  await engine.close()
}
