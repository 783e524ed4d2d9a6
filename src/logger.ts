import { stdSerializers } from 'pino'
import type { FastifyServerOptions } from 'fastify'
import type { Config } from './config.ts'

// What a caller or a guest sent must not come to rest in a log, wherever it hangs in a logged object.
// `code` is not here: it names an error's code; programs are never logged to begin with.
const NAMES = ['headers', 'body', 'input', 'env', 'password', 'apiKey', 'token', 'cookie']
const REDACTED = NAMES.flatMap((name) => [name, `*.${name}`])

/** drizzle's error quotes the query with its parameters, which are what callers sent; the driver's own, its cause, does not. */
function withoutQuery (error: Error): Error {
  return 'params' in error && error.cause instanceof Error ? error.cause : error
}

/** JSON lines, or for people on a TTY. */
export function loggerOptions (level: Config['logLevel'], isTty: boolean): NonNullable<FastifyServerOptions['logger']> {
  return {
    level,
    serializers: { err: (error: Error) => stdSerializers.err(withoutQuery(error)) },
    redact: { paths: REDACTED, censor: '[redacted]' },
    ...(isTty ? { transport: { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss', ignore: 'pid,hostname' } } } : {})
  }
}
