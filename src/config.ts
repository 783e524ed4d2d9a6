import { totalmem } from 'node:os'
import path from 'node:path'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { EgressError, parseEgress, type Egress } from './lib/egress.ts'
import { isLoopbackName } from './http/hosts.ts'
import { parseLimit } from './lib/limit.ts'
import { parseTrustProxy } from './lib/trust-proxy.ts'
import { parseDuration, parseSize } from './lib/units.ts'

const duration = (value: string, description: string) =>
  Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, default: value, unit: 'duration', description })
const size = (value: string | undefined, description: string) =>
  Type.Integer({ minimum: 1, ...(value === undefined ? {} : { default: value }), unit: 'size', description })
const limit = (value: string, description: string) =>
  Type.Union([Type.Literal(false), Type.Object({ max: Type.Integer(), windowMs: Type.Integer() })], { default: value, unit: 'limit', description })
const count = (value: number | undefined, minimum: number, description: string) =>
  Type.Integer({ minimum, ...(value === undefined ? {} : { default: value }), description })

/** Every environment variable that Berth reads. Durations take `500`, `30s`, `10m`; sizes `65536`, `64m`, `1g`; limits `20/5m`, `off`. */
export const EnvironmentSchema = Type.Object({
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'address to listen on' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 3000, description: 'port to listen on; 0 takes a free one' }),
  DATA_DIR: Type.String({ minLength: 1, default: 'data', description: 'where keys and state are kept, made with mode 0700' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info', description: 'least level that is logged' }),
  DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://', description: 'PostgreSQL server, `postgres://user:password@host/database`; default one of our own, kept in DATA_DIR' })),
  API_KEY: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{32,256}$', description: 'predefined key, 32 to 256 letters, digits, `_` and `-`; generated into DATA_DIR when not set' })),
  JWT_SECRET: Type.Optional(Type.String({ minLength: 32, description: 'signs the cookie, at least 32 characters; generated into DATA_DIR when not set. Servers on one database need the same' })),
  SIGNIN_LIFETIME: duration('7d', 'how long a sign-in lasts'),
  SIGNUP: Type.Optional(Type.Enum(['open', 'closed'], { description: 'whether anybody may make an account; default open while HOST is loopback, else closed' })),
  ALLOWED_HOSTS: Type.Optional(Type.String({ pattern: '^(\\*|(\\*\\.)?[A-Za-z0-9_.:[\\]-]+)(\\s*,\\s*(\\*\\.)?[A-Za-z0-9_.:[\\]-]+)*$', description: 'further names by which this server may be reached, separated by commas; `*.example.org` is all below, `*` any name, which lets any page on the internet reach it' })),
  CORS_ORIGINS: Type.Optional(Type.String({ pattern: '^https?://[^/,\\s]+(\\s*,\\s*https?://[^/,\\s]+)*$', description: 'origins whose pages may call with their user\'s cookie, separated by commas' })),
  TRUST_PROXY: Type.Optional(Type.String({ pattern: '^(true|[0-9a-fA-F.:/, ]+)$', description: 'which proxies\' `X-Forwarded-*` count: how many there are one behind the other (`true` is 1), or their addresses' })),
  CONNECTIONS_PER_ADDRESS: count(4000, 16, 'connections of one address on which nobody has shown a credential; not counted behind a proxy, that is with TRUST_PROXY or PUBLIC_URL'),
  REDIS_URL: Type.Optional(Type.String({ pattern: '^rediss?://', description: 'where several servers count their limits together' })),
  RATE_LIMIT: limit('30000/1m', 'calls of one user, by cookie or key'),
  RATE_LIMIT_ANONYMOUS: limit('3000/1m', 'calls of one address without a credential, or with a wrong one'),
  RATE_LIMIT_SIGNIN: limit('30/5m', 'sign-ins and sign-ups from one address'),
  RATE_LIMIT_SIGNIN_EMAIL: limit('10/5m', 'sign-ins and sign-ups with one email'),
  RATE_LIMIT_EXECUTE: limit('off', 'programs run from one address; public playgrounds often take `20/5m`'),

  DOCKER_HOST: Type.Optional(Type.String({ minLength: 1, description: 'Engine: unix:///path, tcp://host:port' })),
  DOCKER_TLS_VERIFY: Type.Optional(Type.String({ description: 'not empty: TLS with a verified certificate' })),
  DOCKER_CERT_PATH: Type.Optional(Type.String({ minLength: 1, description: 'folder of ca.pem, cert.pem and key.pem' })),
  ADOPT_ENGINE: Type.Optional(Type.String({ pattern: '^[0-9a-f]{12}$', description: 'code from the message of a server that refuses to start because its database and its Engine do not belong together: makes them' })),
  VOLUME_QUARANTINE: duration('1d', 'how long a project\'s volume stays on the Engine when the database does not know the project and has no record that it was deleted'),

  RUNTIMES: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9.+#-]+(\\s*,\\s*[A-Za-z0-9.+#-]+)*$', description: 'languages to build and offer, separated by commas, built before the start; default all, of which `make run` builds python, javascript and bun before it starts and the others while it runs. `all` builds all before' })),
  CODE_POLICY: Type.Enum(['off', 'warn', 'block'], { default: 'warn', description: 'what becomes of programs in which a language\'s `policy` finds something: nothing, `warnings` in the answer, or a refusal' }),
  EXEC_CONCURRENCY: Type.Optional(count(undefined, 1, 'runs at once; default 2 x CPUs. Half of the places are kept for users who have hardly held any lately')),
  EXEC_CONCURRENCY_PER_OWNER: Type.Optional(count(undefined, 1, 'runs at once of one user; default one less than EXEC_CONCURRENCY, to leave room for others')),
  EXEC_QUEUE: count(200, 0, 'runs that may wait; one more is refused with 429'),
  EXEC_QUEUE_SIZE: size('128m', 'bytes of programs and files that may wait; what exceeds them is refused with 429'),
  EXEC_MEMORY: Type.Optional(size(undefined, 'sum of the memory limits of all runs and sessions at once, on which others wait; default three quarters of this machine\'s memory')),
  EXEC_TIMEOUT_MAX: duration('60s', 'highest `timeout` and `compileTimeout` that a request may ask for'),
  EXEC_MEMORY_MAX: size('1g', 'highest `memoryLimit` that a request may ask for'),
  EXEC_OUTPUT: size('1m', '`outputLimit` of a request that names none'),
  EXEC_OUTPUT_MAX: size('16m', 'highest `outputLimit` that a request may ask for'),
  EXEC_BODY_LIMIT: size('8m', 'largest body of an execute request'),
  EXEC_FILES_MAX: count(1000, 1, 'most files in a request'),
  EXEC_ARTIFACTS_SIZE: size('8m', 'bytes of artifacts that an answer may carry, before base64'),

  PISTON_VERSIONS: Type.Enum(['nearest', 'strict'], { default: 'nearest', description: 'what a plain version such as `3.10.0` means to the Piston API where another one is installed: the one that there is, or an error' }),

  SESSION_CONCURRENCY: count(32, 1, 'interactive sessions at once; they wait for people, so they have places of their own beside EXEC_CONCURRENCY. Each user may hold as many of them as stay free for others'),
  SESSION_CONCURRENCY_PER_OWNER: count(16, 1, 'interactive sessions at once of one user'),
  SESSION_TIMEOUT: duration('5m', '`timeout` of an interactive session that names none'),
  SESSION_TIMEOUT_MAX: duration('30m', 'highest `timeout` that an interactive session may ask for'),
  SESSION_GRACE: duration('30s', 'how long an interactive session lives on without anybody connected'),
  SESSION_LOG_SIZE: size('1m', 'bytes of a session\'s output that are recorded'),
  RETENTION_DAYS: count(30, 1, 'days after which recorded sessions are deleted'),
  SESSION_HISTORY_SIZE: size('4g', 'bytes that recorded sessions may have in the database; beyond it the oldest of those who have most are deleted'),
  AUDIT_RETENTION_DAYS: count(90, 1, 'days after which audit events are deleted'),

  SANDBOX_RUNTIME: Type.Optional(Type.String({ minLength: 1, description: 'OCI runtime, e.g. runsc for gVisor; default the Engine\'s own' })),
  SANDBOX_REUSE: Type.Enum(['owner', 'never'], { default: 'owner', description: 'owner: a sandbox may serve the same owner again after a verified reset' }),
  SANDBOX_DISK: size('64m', 'size of /workspace and of /tmp in a run sandbox, each'),
  SANDBOX_MAX_RUNS: count(500, 1, 'runs after which a sandbox is replaced'),
  SANDBOX_MAX_AGE: duration('1h', 'age at which an idle sandbox is replaced'),
  POOL_MEMORY: size('512m', 'memory for idle sandboxes, at 16 MB each: what more there could be kept warm is not'),
  POOL_WARM: count(1, 0, 'fresh sandboxes kept waiting for a language that nobody asks for; more by demand'),
  SANDBOX_NETWORK_MODE: Type.Enum(['bridge', 'none'], { default: 'bridge', description: 'of projects: bridge is a network of their own without traffic between them, none is no network at all' }),
  SANDBOX_EGRESS: Type.String({ minLength: 1, default: 'internet', description: 'what projects may reach, kept by packet filter rules: `internet` is everything but this host and private networks; `none`; a list of `internet`, addresses, CIDRs and `address:port` (one of this host counts with its port only). `unfiltered` sets no rules: this host and its networks are open to them' }),
  SANDBOX_PREVIEW_PORT: Type.Integer({ minimum: 1, maximum: 65_535, default: 3000, description: 'port of a project\'s own server, given to it as PORT and published on a random port of the host\'s loopback' }),

  PREVIEW_DOMAIN: Type.String({ pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$', maxLength: 200, default: 'localhost', description: 'previews are at `<port>--<project id>.` below it; best one that nothing else uses, since cookies know no border between its names' }),
  PREVIEW_HEADERS_TIMEOUT: duration('60s', 'how long an app may think before it answers'),
  PUBLIC_URL: Type.Optional(Type.String({ pattern: '^https?://[^/?#@\\s]+/?$', description: 'where browsers find this server, e.g. `https://berth.example.org`; needed behind a proxy that terminates TLS. Default `http://<PREVIEW_DOMAIN>:<PORT>`' })),

  PROJECT_QUOTA: count(20, 0, 'most projects of one user'),
  PROJECTS_MEMORY: Type.Optional(size(undefined, 'memory that all running projects together can be given, at PROJECT_MEMORY each; default two thirds of what the Engine\'s host has beyond 1 GB, or beyond a tenth')),
  PROJECTS_RUNNING_PER_USER: count(10, 1, 'most running projects of one user, who never has more than half of all'),
  PROJECT_MEMORY: size('512m', 'memory of a project\'s container'),
  PROJECT_CPUS: Type.Number({ exclusiveMinimum: 0, default: 1, description: 'CPUs of a project\'s container' }),
  PROJECT_PIDS: count(256, 16, 'processes and threads in a project\'s container'),
  FILE_LIMIT: size('1g', 'largest file that a client can write into a project; no larger than PROJECT_FILE_SIZE'),
  PROJECT_FILE_SIZE: size('1g', 'largest file that a project can write'),
  PROJECT_FILES_SIZE: size('8m', 'bytes of files given with a new project'),
  PROJECT_SIZE: size('2g', 'bytes that a project\'s files can take on the disk. More is refused to clients; programs get an error where the file system has quotas, else a project is stopped that has a tenth more'),
  PROJECT_ENTRIES: count(250_000, 1, 'files, directories and links that a project can have; one with a tenth more is stopped'),
  DISK_RESERVE: Type.Optional(size(undefined, 'bytes of the Engine\'s disk and of DATA_DIR\'s that stay free: with less, nothing that needs space is begun, and projects that write are stopped. Default 5 %, from 2 GB to 16 GB, of small disks 10 %')),
  GIT_CLONE_TIMEOUT: duration('2m', 'how long the clone of a new project\'s repository may take'),
  AUTO_SNAPSHOT: Type.Enum(['on', 'off'], { default: 'on', description: 'whether a project\'s files are kept in a snapshot when they have changed, running or not, and before another one is restored' }),
  SNAPSHOT_EVERY: duration('5m', 'how often a running project\'s files are kept in a snapshot if they have changed'),
  SNAPSHOTS_PER_PROJECT: count(20, 0, 'most snapshots of a project that its owner made'),
  SNAPSHOTS_SIZE: size('10g', 'bytes of all snapshots of one user, as they are stored'),
  SNAPSHOTS_SIZE_TOTAL: size('200g', 'bytes of all snapshots of everybody, as they are stored'),
  SPOOL_DIR: Type.Optional(Type.String({ minLength: 1, description: 'where archives wait on their way in until all of one is known to be good; default the folder spool in DATA_DIR' })),
  SPOOL_SIZE: size('8g', 'bytes of all archives that are on their way in at once'),
  S3_BUCKET: Type.Optional(Type.String({ minLength: 1, description: 'where snapshots are kept, in any store that speaks S3; default the folder snapshots in DATA_DIR' })),
  S3_ENDPOINT: Type.Optional(Type.String({ pattern: '^https?://[^/?#@\\s]+/?$', description: 'the store, e.g. `https://s3.example.org`; default that of AWS' })),
  S3_REGION: Type.String({ minLength: 1, default: 'us-east-1', description: 'its region; most stores of one\'s own take any' }),
  S3_PREFIX: Type.String({ pattern: '^([A-Za-z0-9._-]+/)*$', default: 'berth/', description: 'how the names of all objects begin' }),
  S3_ACCESS_KEY_ID: Type.Optional(Type.String({ minLength: 1, description: 'with S3_SECRET_ACCESS_KEY; default the role of the machine' })),
  S3_SECRET_ACCESS_KEY: Type.Optional(Type.String({ minLength: 1, description: 'secret of S3_ACCESS_KEY_ID' })),
  PROJECT_EXEC_TIMEOUT_MAX: duration('10m', 'highest `timeout` of a command in a project'),
  TERMINAL_RING: size('1m', 'newest output of a terminal that is kept for whoever attaches again'),
  TERMINAL_GRACE: duration('10m', 'how long a shell lives on with nobody attached'),
  TERMINALS_PER_PROJECT: count(16, 1, 'most terminals open in a project'),
  TERMINALS_PER_USER: count(64, 1, 'most terminals open of one user'),
  IDLE_TIMEOUT: duration('10m', 'time without activity after which a project is stopped')
}, { additionalProperties: false })

type Environment = Static<typeof EnvironmentSchema>

export type Config = ReturnType<typeof toConfig>

/** A wrong environment variable; the message names it and says what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

function toConfig (env: Environment, cpus: number) {
  const trustProxy = readTrustProxy(env.TRUST_PROXY)
  const isBehindProxy = trustProxy !== false || env.PUBLIC_URL !== undefined
  const allowedHosts = env.ALLOWED_HOSTS?.split(',').map((name) => name.trim().toLowerCase()) ?? []
  refuseUnsafePreviewDomain(env, allowedHosts)
  const concurrency = env.EXEC_CONCURRENCY ?? 2 * cpus
  return {
    host: env.HOST,
    port: env.PORT,
    dataDir: env.DATA_DIR,
    logLevel: env.LOG_LEVEL,
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    trustProxy,
    hosts: {
      listening: env.HOST,
      publicUrl: env.PUBLIC_URL,
      previewDomain: env.PREVIEW_DOMAIN,
      allowed: allowedHosts,
      isBehindProxy: trustProxy !== false
    },
    connectionsPerAddress: isBehindProxy ? undefined : env.CONNECTIONS_PER_ADDRESS,
    isBehindProxy,
    auditRetentionDays: env.AUDIT_RETENTION_DAYS,
    corsOrigins: env.CORS_ORIGINS?.split(',').map((origin) => origin.trim()) ?? [],
    auth: {
      jwtSecret: env.JWT_SECRET,
      sessionLifetimeMs: env.SIGNIN_LIFETIME,
      signUp: env.SIGNUP ?? (isLoopbackName(env.HOST) ? 'open' : 'closed'),
      // A core stays free for everything else, and a thread of libuv's four for files.
      hashConcurrency: Math.min(3, Math.max(1, cpus - 1))
    },
    limits: {
      user: env.RATE_LIMIT,
      anonymous: env.RATE_LIMIT_ANONYMOUS,
      signIn: env.RATE_LIMIT_SIGNIN,
      signInEmail: env.RATE_LIMIT_SIGNIN_EMAIL,
      execute: env.RATE_LIMIT_EXECUTE
    },
    apiKey: env.API_KEY,
    runtimes: env.RUNTIMES?.split(',').map((name) => name.trim()),
    docker: {
      DOCKER_HOST: env.DOCKER_HOST,
      DOCKER_TLS_VERIFY: env.DOCKER_TLS_VERIFY,
      DOCKER_CERT_PATH: env.DOCKER_CERT_PATH
    },
    pistonVersions: env.PISTON_VERSIONS,
    adoptEngine: env.ADOPT_ENGINE,
    execution: {
      codePolicy: env.CODE_POLICY,
      concurrency,
      perOwner: env.EXEC_CONCURRENCY_PER_OWNER ?? Math.max(concurrency - 1, 1),
      queueCapacity: env.EXEC_QUEUE,
      queueBytes: env.EXEC_QUEUE_SIZE,
      memoryBytes: env.EXEC_MEMORY ?? Math.floor(totalmem() * 0.75),
      timeoutMaxMs: env.EXEC_TIMEOUT_MAX,
      memoryMaxBytes: env.EXEC_MEMORY_MAX,
      outputBytes: env.EXEC_OUTPUT,
      outputMaxBytes: env.EXEC_OUTPUT_MAX,
      bodyLimitBytes: env.EXEC_BODY_LIMIT,
      filesMax: env.EXEC_FILES_MAX,
      artifactsMaxBytes: env.EXEC_ARTIFACTS_SIZE,
      interactiveTimeoutMs: Math.min(env.SESSION_TIMEOUT, env.SESSION_TIMEOUT_MAX),
      interactiveTimeoutMaxMs: env.SESSION_TIMEOUT_MAX
    },
    sessions: {
      concurrency: env.SESSION_CONCURRENCY,
      perOwner: env.SESSION_CONCURRENCY_PER_OWNER,
      graceMs: env.SESSION_GRACE,
      logBytes: env.SESSION_LOG_SIZE,
      retentionDays: env.RETENTION_DAYS,
      historyBytes: env.SESSION_HISTORY_SIZE
    },
    disk: { reserveBytes: env.DISK_RESERVE },
    terminals: {
      ringBytes: env.TERMINAL_RING,
      graceMs: env.TERMINAL_GRACE,
      perProject: env.TERMINALS_PER_PROJECT,
      perUser: env.TERMINALS_PER_USER
    },
    sandbox: {
      ociRuntime: env.SANDBOX_RUNTIME,
      reuse: env.SANDBOX_REUSE,
      diskBytes: env.SANDBOX_DISK,
      maxRuns: env.SANDBOX_MAX_RUNS,
      maxAgeMs: env.SANDBOX_MAX_AGE,
      poolMemoryBytes: env.POOL_MEMORY,
      warmPerRuntime: env.POOL_WARM,
      networkMode: env.SANDBOX_NETWORK_MODE,
      egress: toEgress(env.SANDBOX_EGRESS),
      previewPort: env.SANDBOX_PREVIEW_PORT
    },
    previews: {
      domain: env.PREVIEW_DOMAIN,
      publicUrl: env.PUBLIC_URL,
      headersTimeoutMs: env.PREVIEW_HEADERS_TIMEOUT
    },
    spool: {
      directory: env.SPOOL_DIR ?? path.resolve(env.DATA_DIR, 'spool'),
      budgetBytes: env.SPOOL_SIZE
    },
    snapshots: {
      isAutomatic: env.AUTO_SNAPSHOT === 'on',
      everyMs: env.SNAPSHOT_EVERY,
      manualMost: env.SNAPSHOTS_PER_PROJECT,
      ownerBytes: env.SNAPSHOTS_SIZE,
      allBytes: env.SNAPSHOTS_SIZE_TOTAL,
      s3: toS3(env)
    },
    projects: {
      quota: env.PROJECT_QUOTA,
      memoryBytes: env.PROJECT_MEMORY,
      budgetBytes: env.PROJECTS_MEMORY,
      runningPerOwner: env.PROJECTS_RUNNING_PER_USER,
      cpus: env.PROJECT_CPUS,
      pids: env.PROJECT_PIDS,
      fileLimitBytes: Math.min(env.FILE_LIMIT, env.PROJECT_FILE_SIZE),
      fileBytes: env.PROJECT_FILE_SIZE,
      filesBytes: env.PROJECT_FILES_SIZE,
      sizeBytes: env.PROJECT_SIZE,
      entries: env.PROJECT_ENTRIES,
      cloneTimeoutMs: env.GIT_CLONE_TIMEOUT,
      execTimeoutMaxMs: env.PROJECT_EXEC_TIMEOUT_MAX,
      idleTimeoutMs: env.IDLE_TIMEOUT,
      volumeQuarantineMs: env.VOLUME_QUARANTINE
    }
  }
}

function toEgress (text: string): Egress {
  try {
    return parseEgress(text)
  } catch (error) {
    if (error instanceof EgressError) throw new ConfigError(`SANDBOX_EGRESS: ${error.message}`)
    throw error
  }
}

/** Undefined without a bucket. Half a key would quietly mean the machine's own role. */
function toS3 ({ S3_BUCKET, S3_ENDPOINT, S3_REGION, S3_PREFIX, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY }: Environment) {
  if (S3_BUCKET === undefined) return undefined
  if ((S3_ACCESS_KEY_ID === undefined) !== (S3_SECRET_ACCESS_KEY === undefined)) {
    throw new ConfigError('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together, or neither')
  }
  const hasKey = S3_ACCESS_KEY_ID !== undefined && S3_SECRET_ACCESS_KEY !== undefined
  return {
    bucket: S3_BUCKET,
    endpoint: S3_ENDPOINT,
    region: S3_REGION,
    prefix: S3_PREFIX,
    credentials: hasKey ? { accessKeyId: S3_ACCESS_KEY_ID, secretAccessKey: S3_SECRET_ACCESS_KEY } : undefined
  }
}

function readTrustProxy (text: string | undefined): ReturnType<typeof parseTrustProxy> & {} {
  const trusted = parseTrustProxy(text)
  if (trusted === undefined) throw new ConfigError('TRUST_PROXY must be how many proxies there are, 1 to 99, or true for 1, or their addresses such as 10.0.0.0/8, ::1')
  return trusted
}

/** Any name of a domain can set cookies for all of it: previews, which are anybody's programs, could set them for our own name. */
function refuseUnsafePreviewDomain ({ PREVIEW_DOMAIN: domain, PUBLIC_URL: publicUrl }: Environment, allowedHosts: readonly string[]): void {
  if (/(^|\.)\d+$/.test(domain)) throw new ConfigError('PREVIEW_DOMAIN must be a domain name: there are no names below an address')
  const own = [...publicUrl === undefined ? [] : [new URL(publicUrl).hostname], ...allowedHosts].map((name) => name.replace(/\.$/, ''))
  // Browsers let nobody set a cookie for localhost from below it.
  const endangered = own.find((name) => !isWithin(name, 'localhost') && isWithin(name, domain))
  if (endangered === undefined) return
  throw new ConfigError(`PREVIEW_DOMAIN must not be ${domain}: programs in previews could set cookies for ${endangered}, a name of this server. Choose a domain that is neither that name nor above it, best one that nothing else uses`)
}

const isWithin = (name: string, domain: string): boolean => `.${name}`.endsWith(`.${domain}`)

const parsers: Record<string, (text: string) => unknown> = { duration: parseDuration, size: parseSize, limit: parseLimit }
const expected: Record<string, string> = {
  duration: 'must be a duration such as 500ms, 30s or 10m',
  size: 'must be a size such as 65536, 64m or 1g',
  limit: 'must be a limit such as 20/5m, or off'
}

interface VariableSchema { unit?: string, default?: unknown, enum?: unknown[] }

function parseVariable (name: string, schema: VariableSchema, env: Record<string, string | undefined>): unknown {
  // An empty variable means "not set", as compose files write it.
  const raw = env[name] === '' ? undefined : env[name]
  const text = raw ?? schema.default
  const parse = schema.unit === undefined ? undefined : parsers[schema.unit]
  if (parse === undefined || typeof text !== 'string') return text
  return parse(text) ?? text
}

/** Typed configuration from the environment. Throws ConfigError that names every wrong variable. */
export function loadConfig (env: Record<string, string | undefined>, cpus: number): Config {
  const schemas = EnvironmentSchema.properties as Record<string, VariableSchema>
  const given: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(schemas)) {
    const value = parseVariable(name, schema, env)
    if (value !== undefined) given[name] = value
  }
  const converted = Value.Convert(EnvironmentSchema, given)
  if (Value.Check(EnvironmentSchema, converted)) return toConfig(converted, cpus)
  const problems = new Map<string, string>()
  for (const error of Value.Errors(EnvironmentSchema, converted)) {
    const name = error.instancePath.split('/')[1] ?? ''
    const schema = schemas[name]
    const hint = (schema?.unit === undefined ? undefined : expected[schema.unit]) ??
      (schema?.enum === undefined ? error.message : `must be one of ${schema.enum.join(', ')}`)
    problems.set(name, `${name} ${hint}`)
  }
  throw new ConfigError([...problems.values()].join('\n'))
}
