import Type from 'typebox'
import { isLoopbackName } from '../http/hosts.ts'
import { ConfigError } from './error.ts'
import { requirePublicUrl } from './public-url.ts'
import { secret, text, type Values } from './schema.ts'

export const mailVariables = {
  SMTP_URL: Type.Optional(secret('server that sends mails: `smtp://user:password@host:587`, which needs STARTTLS where there is a password, or `smtps://` with TLS from the start. Without one, forgotten passwords and invitations are links that an administrator hands over', { pattern: '^smtps?://' })),
  MAIL_FROM: Type.Optional(text('whom mails are from, e.g. `Berth <berth@example.org>`', '^([^<>\\x00-\\x1f]*<[^<>@\\s]+@[^<>@\\s]+>|[^<>@\\s]+@[^<>@\\s]+)$'))
}

export type MailConfig = NonNullable<ReturnType<typeof toMail>['mail']>

export function toMail (env: Values<typeof mailVariables> & { HOST: string, PUBLIC_URL?: string }) {
  const { SMTP_URL: given, MAIL_FROM: from } = env
  if (given === undefined) return { mail: undefined }
  if (from === undefined) throw new ConfigError('SMTP_URL needs MAIL_FROM: whom mails are from')
  requirePublicUrl('SMTP_URL', env)
  const url = URL.canParse(given) ? new URL(given) : undefined
  const auth = url === undefined || url.username === '' ? undefined : credentials(url)
  // The URL is not repeated: it has a password.
  if (url === undefined || url.hostname === '' || !/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') throw new ConfigError('SMTP_URL must be smtp:// or smtps://, a user and a password if there are any, and host:port')
  const isSecure = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    mail: {
      from,
      host,
      port: url.port === '' ? (isSecure ? 465 : 587) : Number(url.port),
      isSecure,
      // A password goes in the clear to nobody but this machine.
      needsTls: auth !== undefined && !isLoopbackName(host),
      auth
    }
  }
}

function credentials ({ username, password }: URL): { user: string, pass: string } {
  try {
    return { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
  } catch {
    throw new ConfigError('SMTP_URL: a % in the user or the password is written as %25')
  }
}
