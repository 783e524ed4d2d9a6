import { defineConfig } from 'vitest/config'
import { patience } from './test/support/patience.ts'

// A disk or a compiler that is busy may take its time.
const patient = { testTimeout: 60_000, hookTimeout: 60_000 }

// With the real Engine: these tests share it and measure processes and containers, so they run one file at a time.
const withEngine = {
  fileParallelism: false,
  testTimeout: 60_000 * patience,
  hookTimeout: 120_000 * patience,
  expect: { poll: { timeout: 1_000 * patience } }
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          ...patient
        }
      },
      // The same agent, built with AddressSanitizer and UBSan.
      {
        test: {
          name: 'sanitizers',
          include: ['test/unit/agent/**/*.test.ts'],
          env: { AGENT_BUILD: 'agent-asan' },
          ...patient
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
          ...withEngine,
          globalSetup: ['test/live/global-setup.ts']
        }
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...withEngine,
          globalSetup: ['test/live/global-setup.ts', 'test/browser/global-setup.ts']
        }
      },
      // A machine of their own, whose Engine is restarted and whose plug is pulled: `make test-vm`.
      {
        test: {
          name: 'machine',
          include: ['test/machine/**/*.test.ts'],
          ...withEngine,
          globalSetup: ['test/live/global-setup.ts']
        }
      }
    ]
  }
})
