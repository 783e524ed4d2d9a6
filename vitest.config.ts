import { defineConfig } from 'vitest/config'

// Live tests share one Engine and measure processes and containers, so they run one file at a time.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 20_000
        }
      },
      // The same agent, built with AddressSanitizer and UBSan.
      {
        test: {
          name: 'sanitizers',
          include: ['test/unit/agent/**/*.test.ts'],
          env: { AGENT_BUILD: 'agent-asan' },
          testTimeout: 60_000
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
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          globalSetup: ['test/live/global-setup.ts']
        }
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          globalSetup: ['test/live/global-setup.ts', 'test/browser/global-setup.ts']
        }
      }
    ]
  }
})
