import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import { waitFor } from './wait-for.ts'

const USER = 'berth@example.org'
const PASSWORD = 'pass/word@%'

export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly head: string
  readonly text: string
}

/** A real mail server on loopback, which keeps what it is given. */
export async function startMailServer () {
  const mails: Mail[] = []
  let refuses = false
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _session, callback) => {
      if (username === USER && password === PASSWORD) callback(null, { user: USER })
      else callback(new Error('wrong password'))
    },
    onData: (stream, { envelope: { mailFrom, rcptTo } }, callback) => {
      text(stream).then((raw) => {
        if (refuses) return callback(Object.assign(new Error('not now'), { responseCode: 451 }))
        const end = raw.indexOf('\r\n\r\n')
        const [head, body] = [raw.slice(0, end), raw.slice(end + 4)]
        mails.push({ from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address), head, text: decode(head, body) })
        callback(null)
      }, callback)
    }
  })
  // Whoever hangs up in the middle is an error to it.
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  return {
    env: { SMTP_URL: `smtp://${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`, MAIL_FROM: 'Berth <berth@example.org>' },
    mails,
    /** The next mail for somebody, of which there may be others. */
    mailTo: async (email: string, nth = 1): Promise<Mail> => await waitFor(`mail ${nth} for ${email}`, () => mails.filter(({ to }) => to.includes(email))[nth - 1]),
    refuse: (does: boolean) => { refuses = does },
    stop: async () => await new Promise<void>((resolve) => { server.close(resolve) })
  }
}

export type MailServer = Awaited<ReturnType<typeof startMailServer>>

function decode (head: string, body: string): string {
  if (!/^Content-Transfer-Encoding: quoted-printable/im.test(head)) return body
  return Buffer.from(body.replaceAll('=\r\n', '').replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString()
}

/** The link in a mail. */
export function linkIn ({ text }: Mail): string {
  return /^https?:\S+#\S+$/m.exec(text)?.[0] ?? ''
}
