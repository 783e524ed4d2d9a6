import Type from 'typebox'
import { parseTrustProxy } from '../lib/trust-proxy.ts'
import { ConfigError } from './error.ts'
import { count, secret, text, type Values } from './schema.ts'

export const serverVariables = {
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'address to listen on' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 3000, description: 'port to listen on; 0 takes a free one' }),
  DATA_DIR: Type.String({ minLength: 1, default: 'data', description: 'folder of keys and state, made with mode 0700' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info', description: 'least level that is logged' }),
  DATABASE_URL: Type.Optional(secret('PostgreSQL server, `postgres://user:password@host/database`; default an embedded one in DATA_DIR', { pattern: '^postgres(ql)?://' })),
  REDIS_URL: Type.Optional(secret('where several servers count their rate limits together', { pattern: '^rediss?://' })),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(text('OpenTelemetry collector that gets traces of requests by OTLP over HTTP, e.g. `http://localhost:4318`', '^https?://[^/?#@\\s]+(/[^?#\\s]*)?$')),
  PUBLIC_URL: Type.Optional(text('where browsers find this server, e.g. `https://berth.example.org`; needed behind a proxy that terminates TLS. Default `http://<PREVIEW_DOMAIN>:<PORT>`', '^https?://[^/?#@\\s]+/?$')),
  ALLOWED_HOSTS: Type.Optional(text('further names by which this server may be reached, separated by commas; `*.example.org` is all below, `*` any name, which lets any page on the internet reach it', '^(\\*|(\\*\\.)?[A-Za-z0-9_.:[\\]-]+)(\\s*,\\s*(\\*\\.)?[A-Za-z0-9_.:[\\]-]+)*$')),
  TRUST_PROXY: Type.Optional(text('which proxies\' `X-Forwarded-*` count: how many there are one behind the other (`true` is 1), or their addresses', '^(true|[0-9a-fA-F.:/, ]+)$')),
  PREVIEW_DOMAIN: Type.Optional(Type.String({ pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$', maxLength: 200, description: 'previews are at `<port>--<project id>.` below it; best one that nothing else uses, as cookies know no border between its names. Default `localhost`, or `preview.` below the name in PUBLIC_URL' })),
  AUDIT_RETENTION_DAYS: count(90, 1, 'days after which audit events are deleted')
}

/** How long an app in a preview may think before it answers. */
const PREVIEW_HEADERS_TIMEOUT_MS = 60_000

export function toServer (env: Values<typeof serverVariables>) {
  const trustProxy = readTrustProxy(env.TRUST_PROXY)
  const allowed = env.ALLOWED_HOSTS?.split(',').map((name) => name.trim().toLowerCase()) ?? []
  const publicName = env.PUBLIC_URL === undefined ? undefined : new URL(env.PUBLIC_URL).hostname.replace(/\.$/, '')
  const previewDomain = env.PREVIEW_DOMAIN ?? defaultPreviewDomain(publicName)
  refuseUnsafePreviewDomain(previewDomain, [...publicName === undefined ? [] : [publicName], ...allowed])
  return {
    host: env.HOST,
    port: env.PORT,
    dataDir: env.DATA_DIR,
    logLevel: env.LOG_LEVEL,
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    tracesEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
    trustProxy,
    isBehindProxy: trustProxy !== false || env.PUBLIC_URL !== undefined,
    hosts: { listening: env.HOST, publicUrl: env.PUBLIC_URL, previewDomain, allowed, isBehindProxy: trustProxy !== false },
    previews: { domain: previewDomain, publicUrl: env.PUBLIC_URL, headersTimeoutMs: PREVIEW_HEADERS_TIMEOUT_MS },
    auditRetentionDays: env.AUDIT_RETENTION_DAYS
  }
}

function readTrustProxy (given: string | undefined): ReturnType<typeof parseTrustProxy> & {} {
  const trusted = parseTrustProxy(given)
  if (trusted === undefined) throw new ConfigError('TRUST_PROXY must be how many proxies there are, 1 to 99, or true for 1, or their addresses such as 10.0.0.0/8, ::1')
  return trusted
}

/** There are no names below an address, and below localhost the browser needs no DNS. */
function defaultPreviewDomain (publicName: string | undefined): string {
  const isName = publicName !== undefined && /^[a-z0-9.-]+$/.test(publicName) && !/(^|\.)\d+$/.test(publicName)
  return isName && !isWithin(publicName, 'localhost') ? `preview.${publicName}` : 'localhost'
}

/** Any name of a domain can set cookies for all of it: previews, which are anybody's programs, could set them for our own name. */
function refuseUnsafePreviewDomain (domain: string, names: readonly string[]): void {
  if (/(^|\.)\d+$/.test(domain)) throw new ConfigError('PREVIEW_DOMAIN must be a domain name: there are no names below an address')
  // Browsers let nobody set a cookie for localhost from below it.
  const endangered = names.map((name) => name.replace(/\.$/, '')).find((name) => !isWithin(name, 'localhost') && isWithin(name, domain))
  if (endangered === undefined) return
  throw new ConfigError(`PREVIEW_DOMAIN must not be ${domain}: programs in previews could set cookies for ${endangered}, a name of this server. Choose a domain that is neither that name nor above it, best one that nothing else uses`)
}

const isWithin = (name: string, domain: string): boolean => `.${name}`.endsWith(`.${domain}`)
