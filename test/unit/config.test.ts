import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError, loadConfig, type Config } from '../../src/config.ts'

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

  it('reads the images of projects', () => {
    expect(loadConfig({}, 2).projects).toMatchObject({ hasTools: true, images: new Map() })
    const { projects } = loadConfig({ PROJECT_TOOLS: 'off', PROJECT_IMAGES: 'lab=registry.example:5000/lab/a:1, fixed=lab@sha256:0a' }, 2)
    expect([projects.hasTools, ...projects.images]).toEqual([false, ['lab', 'registry.example:5000/lab/a:1'], ['fixed', 'lab@sha256:0a']])
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
    ['PROJECT_TOOLS', 'some', /PROJECT_TOOLS must be one of on, off/],
    ['PROJECT_IMAGES', 'notebook', /"notebook" must be a name/],
    ['PROJECT_IMAGES', 'Notebook=a', /"Notebook=a" must be a name/],
    ['PROJECT_IMAGES', 'a=b c', /"a=b c" must be a name/],
    ['PROJECT_IMAGES', 'a=b,', /"" must be a name/],
    ['PROJECT_IMAGES', 'a=-b', /"a=-b" must be a name/],
    ['PROJECT_IMAGES', 'a=b,a=c', /names a twice/],
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

  it.each<[string, object]>([
    ['s3://bucket', { bucket: 'bucket', prefix: '', endpoint: undefined, region: undefined }],
    ['s3://bucket/some/where/', { bucket: 'bucket', prefix: 'some/where/' }],
    ['s3://my.bucket-1/berth?endpoint=https://s3.example.org:9000&region=eu-1', { bucket: 'my.bucket-1', prefix: 'berth/', endpoint: 'https://s3.example.org:9000', region: 'eu-1' }]
  ])('keeps snapshots at %s', (store, expected) => {
    expect(loadConfig({ SNAPSHOT_STORE: store }, 2).snapshots.s3).toMatchObject(expected)
  })

  it.each([
    's3://', 's3:///prefix', 's3://b u', 's3://id:secret@bucket', 's3://bucket/a//b', 's3://bucket?endpoint=s3.example.org', 's3://bucket?endpoint=https://id@host',
    's3://bucket?key=secret', 's3://bucket#here', 'https://bucket.example.org'
  ])('takes no %s for a store', (store) => {
    expect(() => loadConfig({ SNAPSHOT_STORE: store }, 2)).toThrow(/^SNAPSHOT_STORE must/)
  })

  it('takes no snapshots by itself with an interval of off', () => {
    expect(loadConfig({}, 2).snapshots).toMatchObject({ isAutomatic: true, everyMs: 300_000 })
    expect(loadConfig({ SNAPSHOT_INTERVAL: 'off' }, 2).snapshots.isAutomatic).toBe(false)
    expect(() => loadConfig({ SNAPSHOT_INTERVAL: 'never' }, 2)).toThrow('SNAPSHOT_INTERVAL must be a duration such as 30s or 5m, or off')
  })

  it('derives what follows from the machine', () => {
    const gib = 1024 ** 3
    expect(loadConfig({}, 2, 8 * gib)).toMatchObject({
      execution: { concurrency: 4, perOwner: 3, memoryBytes: 6 * gib }, sessions: { concurrency: 32, perOwner: 16 }, sandbox: { poolMemoryBytes: gib / 4 }
    })
    expect(loadConfig({ POOL_MEMORY: '2g' }, 2, 8 * gib).sandbox.poolMemoryBytes).toBe(2 * gib)
    expect(loadConfig({}, 64, 256 * gib).sandbox.poolMemoryBytes).toBe(gib / 2)
  })

  it('derives what follows from other variables', () => {
    const gib = 1024 ** 3
    expect(loadConfig({}, 2)).toMatchObject({
      projects: { memoryMaxBytes: 2 * gib, cpusMax: 1, entries: 262_144, fileBytes: gib }, terminals: { perUser: 64, perProject: 16 }, spool: { budgetBytes: 8 * gib }, snapshots: { ownerBytes: 10 * gib }
    })
    expect(loadConfig({ PROJECT_MEMORY: '4g', PROJECT_SIZE: '16g', SNAPSHOT_SIZE: '20g', TERMINAL_QUOTA: '10' }, 2)).toMatchObject({
      projects: { memoryMaxBytes: 16 * gib, cpusMax: 1, entries: 2 ** 21, fileBytes: 8 * gib }, terminals: { perUser: 10, perProject: 3 }, spool: { budgetBytes: 64 * gib }, snapshots: { ownerBytes: gib }
    })
    expect(loadConfig({ RATE_LIMIT_SIGNIN: '1000/1m' }, 2).limits.signInEmail).toEqual({ max: 10, windowMs: 300_000 })
    expect(loadConfig({ RATE_LIMIT_SIGNIN: 'off' }, 2).limits.signInEmail).toBe(false)
  })

  it.each([
    [undefined, 'localhost'], ['http://localhost:3000', 'localhost'], ['http://192.0.2.1:3000', 'localhost'], ['http://[::1]:3000', 'localhost'],
    ['https://berth.example.org', 'preview.berth.example.org'], ['https://Berth.example.org.:8443/', 'preview.berth.example.org']
  ])('with PUBLIC_URL %s previews are below %s by default', (publicUrl, domain) => {
    expect(loadConfig({ PUBLIC_URL: publicUrl }, 2).previews.domain).toBe(domain)
  })

  it('has SSH where a port is given for it', () => {
    expect(loadConfig({}, 2).ssh).toBeUndefined()
    expect(loadConfig({ SSH_PORT: '2222' }, 2).ssh).toEqual({ host: '127.0.0.1', port: 2222 })
    expect(loadConfig({ SSH_PORT: '0', HOST: '::1', SSH_HOST: '0.0.0.0' }, 2).ssh).toEqual({ host: '0.0.0.0', port: 0 })
    for (const SSH_PORT of ['-1', '65536', 'ssh']) expect(() => loadConfig({ SSH_PORT }, 2)).toThrow('SSH_PORT')
  })

  it('reads a provider to sign in by', () => {
    const given = { OIDC_ISSUER: 'https://accounts.example.org/realms/x', OIDC_CLIENT_ID: 'berth' }
    expect(loadConfig({}, 2).oidc).toBeUndefined()
    expect(loadConfig(given, 2).oidc).toMatchObject({ issuer: new URL(given.OIDC_ISSUER), clientId: 'berth', clientSecret: undefined, name: 'OpenID Connect', scopes: 'openid email profile', isSignUpOpen: true, domains: undefined })
    expect(loadConfig({ ...given, OIDC_ALLOWED_DOMAINS: 'A.example, b.example' }, 2).oidc?.domains).toEqual(['a.example', 'b.example'])
    expect(loadConfig({ ...given, OIDC_ISSUER: 'http://127.0.0.1:8080' }, 2).oidc?.issuer.port).toBe('8080')
  })

  it.each<[Record<string, string>, boolean]>([
    [{}, true], [{ SIGNUP: 'closed' }, false], [{ SIGNUP: 'closed', OIDC_SIGNUP: 'open' }, true], [{ OIDC_SIGNUP: 'closed' }, false],
    [{ SIGNUP: 'closed', OIDC_ALLOWED_DOMAINS: 'a.example' }, true], [{ OIDC_SIGNUP: 'closed', OIDC_ALLOWED_DOMAINS: 'a.example' }, false],
    [{ HOST: '0.0.0.0', PUBLIC_URL: 'https://berth.example' }, false]
  ])('with %j a provider\'s people get accounts: %s', (env, isOpen) => {
    expect(loadConfig({ OIDC_ISSUER: 'https://p.example', OIDC_CLIENT_ID: 'berth', ...env }, 2).oidc?.isSignUpOpen).toBe(isOpen)
  })

  it.each<[Record<string, string>, RegExp]>([
    [{ OIDC_ISSUER: 'https://p.example' }, /^OIDC_ISSUER and OIDC_CLIENT_ID belong together/],
    [{ OIDC_CLIENT_ID: 'berth' }, /^OIDC_ISSUER and OIDC_CLIENT_ID belong together/],
    [{ OIDC_CLIENT_SECRET: 'x' }, /^OIDC_ISSUER and OIDC_CLIENT_ID belong together/],
    [{ OIDC_ISSUER: 'http://p.example', OIDC_CLIENT_ID: 'berth' }, /^OIDC_ISSUER must be an https address/],
    [{ OIDC_ISSUER: 'https://id:secret@p.example', OIDC_CLIENT_ID: 'berth' }, /^OIDC_ISSUER must match/],
    [{ OIDC_ISSUER: 'https://p.example', OIDC_CLIENT_ID: 'berth', OIDC_SCOPES: 'email' }, /^OIDC_SCOPES must match/],
    [{ OIDC_ISSUER: 'https://p.example', OIDC_CLIENT_ID: 'berth', HOST: '0.0.0.0' }, /^OIDC_ISSUER needs PUBLIC_URL/]
  ])('takes no provider as %j', (env, message) => {
    expect(() => loadConfig(env, 2)).toThrow(message)
  })

  it.each<[string, object]>([
    ['smtp://mail.example.org', { host: 'mail.example.org', port: 587, isSecure: false, needsTls: false, auth: undefined }],
    ['smtp://me%40example.org:pass%25@mail.example.org:2525', { port: 2525, needsTls: true, auth: { user: 'me@example.org', pass: 'pass%' } }],
    ['smtps://me:pass@mail.example.org/', { port: 465, isSecure: true, needsTls: true }],
    ['smtp://me:pass@127.0.0.1:25', { port: 25, needsTls: false }],
    ['smtp://me:pass@[::1]', { host: '::1', needsTls: false }]
  ])('sends mail by %s', (url, expected) => {
    expect(loadConfig({ SMTP_URL: url, MAIL_FROM: 'Berth <berth@example.org>' }, 2).mail).toMatchObject(expected)
  })

  it.each<[Record<string, string>, RegExp]>([
    [{ SMTP_URL: 'smtp://mail.example.org' }, /^SMTP_URL needs MAIL_FROM/],
    [{ SMTP_URL: 'mail.example.org', MAIL_FROM: 'a@example.org' }, /^SMTP_URL must match/],
    [{ SMTP_URL: 'smtp://', MAIL_FROM: 'a@example.org' }, /^SMTP_URL must be/],
    [{ SMTP_URL: 'smtp://u:hidden@mail.example.org?tls=no', MAIL_FROM: 'a@example.org' }, /^SMTP_URL must be(?!.*hidden)/],
    [{ SMTP_URL: 'smtp://u:%hidden@mail.example.org', MAIL_FROM: 'a@example.org' }, /^SMTP_URL: a %(?!.*hidden)/],
    [{ SMTP_URL: 'smtp://mail.example.org', MAIL_FROM: 'a@example.org', HOST: '0.0.0.0' }, /^SMTP_URL needs PUBLIC_URL/],
    [{ MAIL_FROM: 'nobody' }, /^MAIL_FROM must match/],
    [{ MAIL_FROM: 'a@example.org, b@example.org' }, /^MAIL_FROM must match/],
    [{ MAIL_FROM: 'Berth\n<a@example.org>' }, /^MAIL_FROM must match/]
  ])('sends no mail by %j', (env, message) => {
    expect(() => loadConfig(env, 2)).toThrow(message)
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

describe('a secret in a file', () => {
  let directory: string
  beforeEach(async () => { directory = await mkdtemp(path.join(tmpdir(), 'berth-config-')) })
  afterEach(async () => await rm(directory, { recursive: true }))

  const write = async (content: string): Promise<string> => {
    const file = path.join(directory, 'secret')
    await writeFile(file, content)
    return file
  }

  it.each<[string, string, (config: Config) => unknown]>([
    ['DATABASE_URL', 'postgres://user:password@host/database', (config) => config.databaseUrl],
    ['REDIS_URL', 'redis://host', (config) => config.redisUrl],
    ['JWT_SECRET', 'x'.repeat(32), (config) => config.auth.jwtSecret],
    ['SECRETS_KEY', 'x'.repeat(32), (config) => config.auth.secretsKeys?.join()],
    ['API_KEY', 'k'.repeat(32), (config) => config.apiKey]
  ])('%s is read without its last line break', async (name, value, read) => {
    for (const end of ['', '\n', '\r\n']) {
      expect(read(loadConfig({ [`${name}_FILE`]: await write(value + end), [name]: '' }, 2))).toBe(value)
    }
  })

  it('is refused beside the variable itself, empty, missing, and of the wrong form', async () => {
    const file = await write('short\n')
    expect(() => loadConfig({ API_KEY: 'k'.repeat(32), API_KEY_FILE: file }, 2)).toThrow('API_KEY and API_KEY_FILE are both set')
    expect(() => loadConfig({ API_KEY_FILE: file }, 2)).toThrow(/^API_KEY must match/)
    expect(() => loadConfig({ API_KEY_FILE: `${file}-not-there` }, 2)).toThrow(/^API_KEY_FILE: ENOENT/)
    expect(() => loadConfig({ API_KEY_FILE: directory }, 2)).toThrow(/^API_KEY_FILE: EISDIR/)
    await write('\n')
    expect(() => loadConfig({ API_KEY_FILE: file, PORT: 'x' }, 2)).toThrow(/^API_KEY_FILE: .* is empty\nPORT must/)
  })
})
