import Type from 'typebox'
import { isLoopbackName } from '../http/hosts.ts'
import { limit, secret, text, type Values } from './schema.ts'

export const accessVariables = {
  API_KEY: Type.Optional(secret('predefined key, 32 to 256 letters, digits, `_` and `-`; generated into DATA_DIR when not set', { pattern: '^[A-Za-z0-9_-]{32,256}$' })),
  SECRETS_KEY: Type.Optional(secret('seals the secrets of projects: at least 32 characters; generated into DATA_DIR when not set. With several, separated by commas, the first seals and all open. Servers on one database need the same', { pattern: '^[^,]{32,}(,[^,]{32,})*$' })),
  JWT_SECRET: Type.Optional(secret('signs the cookie, at least 32 characters; generated into DATA_DIR when not set. Servers on one database need the same', { minLength: 32 })),
  SIGNUP: Type.Optional(Type.Enum(['open', 'closed'], { description: 'whether anybody may make an account; default open while HOST is loopback, else closed' })),
  CORS_ORIGINS: Type.Optional(text('origins whose pages may call with their user\'s cookie, separated by commas', '^https?://[^/,\\s]+(\\s*,\\s*https?://[^/,\\s]+)*$')),
  EMBED_ORIGINS: Type.Optional(text('origins whose pages may show a runnable program of `/embed` in a frame, separated by commas; default only our own', '^https?://[^/,;\\s]+(\\s*,\\s*https?://[^/,;\\s]+)*$')),
  RATE_LIMIT: limit('30000/1m', 'calls of one user, by cookie or key'),
  RATE_LIMIT_ANONYMOUS: limit('3000/1m', 'calls of one address without a credential, or with a wrong one'),
  RATE_LIMIT_SIGNIN: limit('30/5m', 'sign-ins that fail, and sign-ups, from one address; with one email 10 sign-ins in 5 minutes. `off` limits neither'),
  RATE_LIMIT_EXECUTE: limit('off', 'programs run from one address; public playgrounds often take `20/5m`')
}

const SIGNINS_PER_EMAIL = { max: 10, windowMs: 5 * 60_000 }

const toOrigins = (list: string | undefined): string[] => list?.split(',').map((origin) => origin.trim()) ?? []

export function toAccess (env: Values<typeof accessVariables> & { HOST: string }, cpus: number) {
  return {
    apiKey: env.API_KEY,
    corsOrigins: toOrigins(env.CORS_ORIGINS),
    embedOrigins: toOrigins(env.EMBED_ORIGINS),
    auth: {
      jwtSecret: env.JWT_SECRET,
      secretsKeys: env.SECRETS_KEY?.split(','),
      signUp: env.SIGNUP ?? (isLoopbackName(env.HOST) ? 'open' : 'closed'),
      // A core stays free for everything else, and a thread of libuv's four for files.
      hashConcurrency: Math.min(3, Math.max(1, cpus - 1))
    },
    limits: {
      user: env.RATE_LIMIT,
      anonymous: env.RATE_LIMIT_ANONYMOUS,
      signIn: env.RATE_LIMIT_SIGNIN,
      // A school behind one address may raise that one's limit; a password is guessed by its email.
      signInEmail: env.RATE_LIMIT_SIGNIN === false ? false as const : SIGNINS_PER_EMAIL,
      execute: env.RATE_LIMIT_EXECUTE
    }
  }
}
