import { randomBytes } from 'node:crypto'
import { open, rename } from 'node:fs/promises'
import path from 'node:path'
import { Pool } from 'undici'
import { projectVolumeName } from '../../../src/sandbox/container-spec.ts'
import { openFiles, type FilesClient } from '../../support/files-client.ts'
import { interleave, reportLine, type Print } from '../measure.ts'
import { createEngineArchive } from './engine-archive.ts'
import { withScene, type Scene } from './scene.ts'

const ROUNDS = 300
const LIST_ROUNDS = 100
const ENTRIES = 1000
const CONTENT = randomBytes(2048).toString('hex')

/** One small file read and written, and a directory listed, beside the Engine's archive calls on the same container. */
export async function benchLatency (print: Print): Promise<void> {
  await withScene(async (scene) => {
    const files = await openFiles(scene.server.origin, scene.projectId, scene.server.key)
    const client = new Pool(scene.server.origin, { connections: 1 })
    await benchFile(print, scene, files, client)
    await benchList(print, scene, files, client)
    await files.close()
    await client.close()
  })
}

async function benchFile (print: Print, scene: Scene, files: FilesClient, client: Pool): Promise<void> {
  const engine = createEngineArchive(scene.docker, scene.containerId)
  const rest = createRest(scene, client)
  const { Mountpoint } = await scene.docker.volumes.inspect(projectVolumeName(scene.projectId))
  const file = `/projects/${scene.projectId}/files/rest`
  const cases = {
    bareWrite: async () => await writeSynced(Mountpoint),
    engineWrite: async () => await engine.write('engine', CONTENT.length, content()),
    restWrite: async () => await rest('PUT', file, CONTENT),
    socketWrite: async () => { await files.get('write', { path: 'socket', content: CONTENT }) },
    engineRead: async () => { await engine.read('engine') },
    restRead: async () => await rest('GET', file),
    socketRead: async () => { await files.get('read', { path: 'socket' }) }
  }
  await interleave(30, cases) // until connections are open and code is compiled
  const samples = await interleave(ROUNDS, cases)
  print(`a file of ${CONTENT.length} bytes, running project, ${ROUNDS} rounds, milliseconds`)
  print(reportLine('write, the Engine\'s archive API, not synced', samples.engineWrite))
  print(reportLine('write, PUT', samples.restWrite, samples.engineWrite))
  print(reportLine('write, socket (target 2 ms)', samples.socketWrite, samples.engineWrite))
  print(reportLine('of it what any program takes, on the volume', samples.bareWrite, samples.engineWrite))
  print(reportLine('read, the Engine\'s archive API', samples.engineRead))
  print(reportLine('read, GET', samples.restRead, samples.engineRead))
  print(reportLine('read, socket (target 2 ms)', samples.socketRead, samples.engineRead))
}

/** A new file, synced, under the old name, synced: with what a write that is there whole or not at all cannot do without. */
async function writeSynced (directory: string): Promise<void> {
  const file = await open(path.join(directory, 'bare.new'), 'w')
  await file.write(CONTENT)
  await file.sync()
  await file.close()
  await rename(path.join(directory, 'bare.new'), path.join(directory, 'bare'))
  const handle = await open(directory)
  await handle.sync()
  await handle.close()
}

async function * content (): AsyncGenerator<Buffer> {
  yield Buffer.from(CONTENT)
}

async function benchList (print: Print, scene: Scene, files: FilesClient, client: Pool): Promise<void> {
  const rest = createRest(scene, client)
  await scene.user.exec(scene.projectId, `mkdir many && cd many && seq -f 'file-%04g' ${ENTRIES} | xargs touch`)
  const cases = {
    socket: async () => {
      const { entries } = await files.get('list', { path: 'many' })
      if ((entries as unknown[]).length !== ENTRIES) throw new Error('entries are missing')
    },
    rest: async () => await rest('GET', `/projects/${scene.projectId}/files?path=many`)
  }
  await interleave(10, cases)
  const samples = await interleave(LIST_ROUNDS, cases)
  print(reportLine(`list of ${ENTRIES} entries, socket (target 10 ms)`, samples.socket))
  print(reportLine(`list of ${ENTRIES} entries, GET`, samples.rest))
}

function createRest ({ server }: Scene, client: Pool) {
  return async (method: 'GET' | 'PUT', path: string, body?: string): Promise<void> => {
    const response = await client.request({ method, path, headers: { 'x-api-key': server.key }, body: body ?? null })
    await response.body.dump()
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode}`)
  }
}
