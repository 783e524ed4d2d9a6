import fp from 'fastify-plugin'
import { createTransport } from 'nodemailer'
import type { MailConfig } from '../config.ts'

export interface Message {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** Resolves when the mail server has taken it. */
export type SendMail = (message: Message) => Promise<void>

declare module 'fastify' {
  interface FastifyInstance {
    /** Undefined where there is no mail server. */
    sendMail: SendMail | undefined
  }
}

const TIMEOUT_MS = 10_000

export default fp<{ config: MailConfig | undefined }>(async (app, { config }) => {
  if (config === undefined) {
    app.decorate('sendMail', undefined)
    return
  }
  const { from, host, port, isSecure, needsTls, auth } = config
  const transport = createTransport({
    pool: true,
    maxConnections: 2,
    host,
    port,
    secure: isSecure,
    requireTLS: needsTls,
    ...(auth === undefined ? {} : { auth }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // A mail is what we have written, and nothing that is read from a path or an address in it.
    disableFileAccess: true,
    disableUrlAccess: true
  })
  app.decorate('sendMail', async ({ to, subject, text }: Message) => {
    // As an object it is one address, whatever commas it has.
    await transport.sendMail({ from, to: { name: '', address: to }, subject, text })
  })
  app.addHook('onClose', async () => transport.close())
}, { name: 'mail' })
