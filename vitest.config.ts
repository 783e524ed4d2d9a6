import { statfsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { createFailuresReporter } from './test/support/failures-reporter.ts'
import { patience } from './test/support/patience.ts'

/** Where there is enough of it, memory is the disk of tests that write thousands of files: three times as fast. */
const MEMORY_DISK = '/dev/shm'
const LEAST_BYTES = 4 * 1024 ** 3

function hasMemoryDisk (): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_DISK)
    return bavail * bsize >= LEAST_BYTES
  } catch {
    return false
  }
}

const withoutEngine = {
  // A disk or a compiler that is busy may take its time.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  maxWorkers: 2,
  env: hasMemoryDisk() ? { TMPDIR: MEMORY_DISK } : {}
}

// With the real Engine.
const withEngine = {
  testTimeout: 60_000 * patience,
  hookTimeout: 120_000 * patience,
  expect: { poll: { timeout: 1_000 * patience } }
}

/** Files of live tests at once: most of their time they wait for the Engine, each for its own containers. */
const workers = Number(process.env.TEST_WORKERS ?? '2')

// They measure processes, memory, disk or time, take the Engine away, or build images: nothing else may go on.
const alone = [
  'docker/*', 'images/*', 'gvisor/*', 'languages/*', 'db/{outage,refusal}', 'execute/{engine-loss,fairness,requests,responsiveness}',
  'files/{hostile,transfers}', 'projects/{disk,requests}', 'sessions/interactive', 'terminals/{endings,flow}', 'metrics', 'process', 'documents'
].map((name) => `test/live/${name}.test.ts`)

export default defineConfig({
  test: {
    reporters: ['default', createFailuresReporter()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          ...withoutEngine
        }
      },
      // The same agent, built with AddressSanitizer and UBSan.
      {
        test: {
          name: 'sanitizers',
          include: ['test/unit/agent/**/*.test.ts'],
          ...withoutEngine,
          env: { ...withoutEngine.env, AGENT_BUILD: 'agent-asan' }
        }
      },
      // A minute of hostile frames and files against the agent under sanitizers; needs root.
      {
        test: {
          name: 'fuzz',
          include: ['test/fuzz/**/*.test.ts']
        }
      },
      {
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          exclude: alone,
          ...withEngine,
          maxWorkers: workers,
          sequence: { groupOrder: 1 },
          globalSetup: ['test/live/global-setup.ts']
        }
      },
      {
        test: {
          name: 'live-alone',
          include: alone,
          ...withEngine,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          globalSetup: ['test/live/global-setup.ts']
        }
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...withEngine,
          fileParallelism: false,
          globalSetup: ['test/live/global-setup.ts', 'test/browser/global-setup.ts']
        }
      },
      // A machine of their own, whose Engine is restarted and whose plug is pulled: `make test-vm`.
      {
        test: {
          name: 'machine',
          include: ['test/machine/**/*.test.ts'],
          ...withEngine,
          fileParallelism: false,
          globalSetup: ['test/live/global-setup.ts']
        }
      }
    ]
  }
})
