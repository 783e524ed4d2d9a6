import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { residentMb } from '../memory.ts'
import type { Print } from '../measure.ts'
import { createEngineArchive } from './engine-archive.ts'
import { withScene, type Scene } from './scene.ts'

const BYTES = 1_000_000_000
const ROUNDS = 2
const MEMORY_SAMPLE_MS = 50

// Nothing that could be compressed or left out.
const CHUNK = randomBytes(1_000_000)

async function * content (): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < BYTES; sent += CHUNK.length) yield CHUNK
}

/** A gigabyte up and down in one request each, beside the Engine's archive calls on the same container. */
export async function benchBulk (print: Print): Promise<void> {
  await withScene(async (scene) => {
    const engine = createEngineArchive(scene.docker, scene.containerId)
    const ours = createRest(scene)
    const cases = {
      engineUp: async () => await engine.write('engine', BYTES, content()),
      ourUp: async () => await ours.upload(),
      engineDown: async () => expectAll(await engine.read('engine')),
      ourDown: async () => expectAll(await ours.download())
    }
    const seconds = { engineUp: 0, ourUp: 0, engineDown: 0, ourDown: 0 }
    const memory = watchMemory(scene.server.pid)
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, run] of Object.entries(cases) as Array<[keyof typeof cases, () => Promise<void>]>) {
        seconds[name] += await timed(run)
      }
    }
    const grownMb = await memory.stop()
    const rate = (name: keyof typeof seconds): number => ROUNDS * BYTES / 1e6 / seconds[name]
    print(`${ROUNDS} x ${BYTES / 1e9} GB, whole files`)
    print(`up, the Engine's archive API       ${rate('engineUp').toFixed(0)} MB/s`)
    print(`up, PUT of a file, synced to disk  ${rate('ourUp').toFixed(0)} MB/s   ${(rate('ourUp') / rate('engineUp')).toFixed(2)} x`)
    print(`down, the Engine's archive API     ${rate('engineDown').toFixed(0)} MB/s`)
    print(`down, GET of a file                ${rate('ourDown').toFixed(0)} MB/s   ${(rate('ourDown') / rate('engineDown')).toFixed(2)} x`)
    print(`memory of the server grew by ${grownMb.toFixed(0)} MB at most`)
  })
}

function createRest ({ server, projectId }: Scene) {
  const url = `${server.origin}/projects/${projectId}/files/ours`
  const headers = { 'X-API-Key': server.key }
  return {
    async upload (): Promise<void> {
      const put = request(url, { method: 'PUT', headers: { ...headers, 'Content-Length': BYTES } })
      const answered = once(put, 'response') as Promise<[IncomingMessage]>
      await pipeline(content, put)
      const [response] = await answered
      response.resume()
      if ((response.statusCode ?? 500) >= 300) throw new Error(`PUT: ${response.statusCode}`)
    },
    async download (): Promise<number> {
      const get = request(url, { headers }).end()
      const [response] = await once(get, 'response') as [IncomingMessage]
      let size = 0
      for await (const chunk of response as AsyncIterable<Buffer>) size += chunk.length
      return size
    }
  }
}

function expectAll (size: number): void {
  if (size < BYTES) throw new Error(`only ${size} bytes came`)
}

async function timed (run: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await run()
  return (performance.now() - start) / 1000
}

/** How far a process's memory has grown from now on, at most. */
function watchMemory (pid: number) {
  const before = residentMb(pid)
  let peak = 0
  const timer = setInterval(() => {
    void residentMb(pid).then((now) => { peak = Math.max(peak, now) })
  }, MEMORY_SAMPLE_MS)
  return {
    async stop (): Promise<number> {
      clearInterval(timer)
      return Math.max(0, peak - await before)
    }
  }
}
