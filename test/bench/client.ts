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
  await benchStream(print)
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
  await interleave(500, cases) // until both are compiled
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
  for (let round = 0; round < 4000; round++) for (const chunk of chunks) decoder.push(chunk)
  const seconds = (performance.now() - start) / 1000
  print(`frames of 32 KiB, decoder alone, nothing copied (target 1 GB/s)   ${(received / 1e9 / seconds).toFixed(1)} GB/s`)
}

/** The whole way: a fake Engine's socket, the decoder, the stdout stream. */
async function benchStream (print: Print): Promise<void> {
  await withStream(1e9, async (stdout) => {
    const start = performance.now()
    let received = 0
    for await (const chunk of stdout) received += chunk.length
    print(`frames of 32 KiB, socket to stdout, both ends in this process     ${(received / 1e6 / (performance.now() - start)).toFixed(1)} GB/s`)
  })
}

async function benchSlowReader (print: Print): Promise<void> {
  await withStream(1e9, async (stdout) => {
    const before = process.memoryUsage.rss()
    let peak = before
    let received = 0
    let readUntilPause = 0
    const start = performance.now()
    for await (const chunk of stdout) {
      received += chunk.length
      readUntilPause -= chunk.length
      if (readUntilPause > 0) continue
      readUntilPause = 1e6
      peak = Math.max(peak, process.memoryUsage.rss())
      await pause(2)
    }
    const seconds = (performance.now() - start) / 1000
    print(`${(received / 1e9).toFixed(1)} GB read slowly, in ${seconds.toFixed(1)} s: memory grew by ${((peak - before) / 1e6).toFixed(0)} MB at most`)
  })
}

async function withStream (total: number, read: (stdout: AsyncIterable<Buffer>) => Promise<void>): Promise<void> {
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
  await read(stdout)
  await closed
  await docker.close()
  await engine.close()
}
