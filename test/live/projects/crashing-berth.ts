import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { LifecycleStep } from '../../../src/projects/lifecycle/steps.ts'
import type { VolumeStep } from '../../../src/projects/lifecycle/volumes/steps.ts'
import { makeDataDir, removeDataDir } from '../../support/data-dir.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Variables } from '../../support/variables.ts'

const program = path.join(import.meta.dirname, 'crashing-server.ts')

/** A Berth in a process of its own, which SIGKILL ends at the given step or when it is told to. */
export async function startCrashingBerth ({ databaseUrl, step, leaseMs, env = {} }: { databaseUrl: string, step?: LifecycleStep | VolumeStep, leaseMs: number, env?: Variables }) {
  const dataDir = await makeDataDir()
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      DOCKER_HOST: process.env.DOCKER_HOST ?? '',
      DATABASE_URL: databaseUrl,
      DATA_DIR: dataDir,
      TEST_STEP: step ?? '',
      TEST_LEASE_MS: String(leaseMs),
      ...env
    }
  })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => { printed += chunk.toString() })
  const exited = once(child, 'exit').then(async (exit) => {
    await removeDataDir(dataDir)
    return exit as [number | null, string | null]
  })
  const origin = await waitFor('the server to listen', () => {
    if (child.exitCode !== null) throw new Error('the server ended')
    return /^http:\S+$/m.exec(printed)?.[0]
  }, 30_000).catch((error: unknown) => {
    // One that is only late would live on, with its connections to the database.
    child.kill('SIGKILL')
    throw error
  })
  return {
    origin,
    pid: child.pid ?? 0,
    exited,
    kill: () => child.kill('SIGKILL'),
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    }
  }
}
