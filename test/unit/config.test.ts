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

  it('reads limits, origins and proxies', () => {
    const config = loadConfig({ RATE_LIMIT_EXECUTE: '20/5m', RATE_LIMIT: 'off', CORS_ORIGINS: 'https://a.example, http://localhost:5173', TRUST_PROXY: '2' }, 4)
    expect(config.limits).toMatchObject({ execute: { max: 20, windowMs: 300_000 }, user: false })
    expect(config.corsOrigins).toEqual(['https://a.example', 'http://localhost:5173'])
    const trusts = config.trustProxy as (address: string, hop: number) => boolean
    expect([0, 1, 2].map((hop) => trusts('192.0.2.1', hop))).toEqual([true, true, false])
    const trustsOne = loadConfig({ TRUST_PROXY: 'true' }, 4).trustProxy as typeof trusts
    expect([0, 1].map((hop) => trustsOne('192.0.2.1', hop))).toEqual([true, false])
    expect(loadConfig({ TRUST_PROXY: '10.0.0.0/8, ::1' }, 4).trustProxy).toBe('10.0.0.0/8, ::1')
    expect(loadConfig({}, 4)).toMatchObject({ trustProxy: false, corsOrigins: [], limits: { execute: false } })
  })

  it.each<[string, string, RegExp]>([
    ['RATE_LIMIT', '20', /RATE_LIMIT must be a limit such as 20\/5m, or off/],
    ['CORS_ORIGINS', '*', /CORS_ORIGINS must match/],
    ['CORS_ORIGINS', 'https://a.example/path', /CORS_ORIGINS must match/],
    ['SANDBOX_EGRESS', 'everything', /SANDBOX_EGRESS: "everything" is none of/],
    ['TRUST_PROXY', 'everybody', /TRUST_PROXY must/],
    ['TRUST_PROXY', '0', /TRUST_PROXY must be how many proxies/],
    ['TRUST_PROXY', '100', /TRUST_PROXY must be how many proxies/],
    ['TRUST_PROXY', '10.0.0.0/8, 1.2.3', /TRUST_PROXY must be how many proxies/],
    ['TRUST_PROXY', '0.0.0.0/0', /TRUST_PROXY must be how many proxies/],
    ['API_KEY', 'a'.repeat(31), /API_KEY must match/],
    ['ALLOWED_HOSTS', 'https://a.example', /ALLOWED_HOSTS must match/],
    ['PREVIEW_DOMAIN', '192.0.2.1', /PREVIEW_DOMAIN must be a domain name/],
    ['JWT_SECRET', 'short', /JWT_SECRET must not have fewer than 32/],
    ['DATABASE_URL', 'mysql://localhost', /DATABASE_URL must match/]
  ])('%s=%s is refused', (name, value, message) => {
    expect(() => loadConfig({ [name]: value }, 2)).toThrow(message)
  })

  it.each([
    [{}, 'open'], [{ HOST: 'localhost' }, 'open'], [{ HOST: '::1' }, 'open'], [{ HOST: '0.0.0.0' }, 'closed'], [{ HOST: '::' }, 'closed'],
    [{ HOST: 'berth.example.org' }, 'closed'], [{ HOST: '0.0.0.0', SIGNUP: 'open' }, 'open'], [{ SIGNUP: 'closed' }, 'closed']
  ])('%j makes sign-up %s', (env, signUp) => {
    expect(loadConfig(env, 2).auth.signUp).toBe(signUp)
  })

  it.each<[Record<string, string>, string]>([
    [{ PUBLIC_URL: 'https://berth.example' }, 'berth.example'],
    [{ PUBLIC_URL: 'https://www.berth.example:8443/' }, 'berth.example'],
    [{ PUBLIC_URL: 'https://Berth.Example' }, 'example'],
    [{ PUBLIC_URL: 'https://berth.example./' }, 'berth.example'],
    [{ PUBLIC_URL: 'https://notlocalhost' }, 'notlocalhost'],
    [{ ALLOWED_HOSTS: 'berth.example' }, 'berth.example'],
    [{ ALLOWED_HOSTS: 'other.example, *.berth.example' }, 'berth.example']
  ])('with %j no previews may be below %s', (env, domain) => {
    const start = () => loadConfig({ ...env, PREVIEW_DOMAIN: domain }, 2)
    expect(start).toThrow(ConfigError)
    expect(start).toThrow(/^PREVIEW_DOMAIN must not be \S+: .* Choose a domain that/)
  })

  it.each([
    ['http://localhost:3000', 'localhost'], ['http://berth.localhost', 'localhost'], ['https://berth.example', 'preview.example'], ['https://berth.example', 'th.example'], ['https://example.org', 'previews.example.org']
  ])('with %s previews may be below %s', (publicUrl, domain) => {
    expect(loadConfig({ PUBLIC_URL: publicUrl, PREVIEW_DOMAIN: domain }, 2)).toMatchObject({ previews: { domain } })
  })

  it('takes no half of a key for S3', () => {
    const bucket = { S3_BUCKET: 'b' }
    expect(() => loadConfig({ ...bucket, S3_ACCESS_KEY_ID: 'id' }, 2)).toThrow(ConfigError)
    expect(() => loadConfig({ ...bucket, S3_SECRET_ACCESS_KEY: 'secret' }, 2)).toThrow('S3_ACCESS_KEY_ID')
    expect(loadConfig(bucket, 2).snapshots.s3?.credentials).toBeUndefined()
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
