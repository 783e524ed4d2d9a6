import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createCuttableProxy } from '../../support/cuttable-proxy.ts'

/** The real Engine behind a socket that can be cut, for what an Engine's restart looks like from outside. */
export async function startEngineProxy (engineSocket: string) {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-proxy-'))
  const socketPath = path.join(directory, 'docker.sock')
  const { open, cut } = createCuttableProxy({ path: engineSocket }, { path: socketPath })

  await open()
  return {
    host: `unix://${socketPath}`,
    open,
    cut,
    close: async () => {
      await cut()
      await rm(directory, { recursive: true })
    }
  }
}
