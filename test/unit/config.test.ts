import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig } from '../../src/config.ts'

describe('configuration', () => {
  it('has a default for everything but secrets', () => {
    const config = loadConfig({}, 4)
    expect(config).toMatchObject({ host: '127.0.0.1', port: 3000, dataDir: 'data', apiKey: undefined })
    expect(config.execution.concurrency).toBe(8)
    expect(config.sandbox.reuse).toBe('owner')
  })

  it('reads units and takes an empty variable as not set', () => {
    const config = loadConfig({ PORT: '', EXEC_TIMEOUT_MAX: '2m', SANDBOX_DISK: '128m', EXEC_CONCURRENCY: '3' }, 4)
    expect(config.port).toBe(3000)
    expect(config.execution.timeoutMaxMs).toBe(120_000)
    expect(config.sandbox.diskBytes).toBe(128 * 1024 ** 2)
    expect(config.execution.concurrency).toBe(3)
  })

  it('names every wrong variable and what it must be', () => {
    const env = { PORT: '80a', LOG_LEVEL: 'loud', EXEC_MEMORY_MAX: 'lots', EXEC_TIMEOUT_MAX: 'soon', API_KEY: 'short' }
    expect(() => loadConfig(env, 2)).toThrow(ConfigError)
    try {
      loadConfig(env, 2)
    } catch (error) {
      const { message } = error as Error
      expect(message.split('\n').map((line) => line.split(' ')[0]).sort()).toEqual(Object.keys(env).sort())
      expect(message).toContain('LOG_LEVEL must be one of fatal, error')
      expect(message).toContain('EXEC_TIMEOUT_MAX must be a duration such as')
      expect(message).not.toContain('short')
    }
  })
})
