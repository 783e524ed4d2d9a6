import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import mail from '../../../src/plugins/mail.ts'
import { startMailServer, type MailServer } from '../../support/mail-server.ts'
import type { Variables } from '../../support/variables.ts'

let server: MailServer
let app: FastifyInstance
beforeEach(async () => {
  server = await startMailServer()
  app = Fastify()
})
afterEach(async () => {
  await app.close()
  await server.stop()
})

const register = async (env: Variables) => await app.register(mail, { config: loadConfig(env, 2).mail })
const message = { to: 'ada@example.org', subject: 'Grüße', text: 'Es grüßt\n\nhttps://berth.example.org/reset#abc\n' }

describe('mail', () => {
  it('goes to the server, with its sender and in any letters', async () => {
    await register(server.env)
    await app.sendMail?.(message)
    const [sent] = server.mails
    expect(sent).toMatchObject({ from: 'berth@example.org', to: ['ada@example.org'] })
    expect(sent?.head).toMatch(/^From: Berth <berth@example\.org>$/m)
    expect(sent?.head).toMatch(/^Subject: =\?UTF-8\?/m)
    expect(sent?.text.replaceAll('\r\n', '\n').trimEnd()).toBe(message.text.trimEnd())
  })

  it.each(['a,eve@example.org', 'a;eve@example.org', '<eve@example.org>,a@example.org', '"a\r\nBcc: eve@example.org"@example.org'])('for %j goes to nobody else', async (to) => {
    await register(server.env)
    await app.sendMail?.({ ...message, to }).catch(() => undefined)
    for (const sent of server.mails) {
      expect(sent.to).toHaveLength(1)
      expect(sent.to).not.toContain('eve@example.org')
      expect(sent.head).not.toMatch(/^Bcc:/m)
    }
  })

  it('that the server does not take is an error', async () => {
    await register(server.env)
    server.refuse(true)
    await expect(app.sendMail?.(message)).rejects.toThrow('not now')
    server.refuse(false)
    await app.sendMail?.(message)
  })

  it('is an error with a wrong password, and without a server', async () => {
    await register({ ...server.env, SMTP_URL: server.env.SMTP_URL.replace(/:[^:@]*@/, ':wrong@') })
    await expect(app.sendMail?.(message)).rejects.toThrow('wrong password')
    await server.stop()
    await expect(app.sendMail?.(message)).rejects.toThrow()
    server = await startMailServer()
  })

  it('is none where no server is set', async () => {
    await register({})
    expect(app.sendMail).toBeUndefined()
  })
})
