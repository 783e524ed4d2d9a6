import type { Database } from '../../db/open.ts'
import { createFairQueue } from '../../lib/fair-queue.ts'
import type { Audit } from '../../plugins/audit.ts'
import type { SendMail } from '../../plugins/mail.ts'
import { createLink } from '../links/repo.ts'
import { generateToken } from '../../lib/token.ts'
import { providerMail, resetMail } from '../mails.ts'
import { findUserByEmail } from './repo.ts'
import { canonicalEmail } from '../../lib/email.ts'
import type { Trace } from './sessions.ts'

export interface ForgottenPasswords {
  /**
   * Mails a link to whoever has the email, if anybody. Returns before anything is looked up, so that neither the answer nor
   * its time tells whether there is an account.
   */
  readonly ask: (email: string, trace: Trace) => void
  /** When what was asked for is done. */
  readonly settled: () => Promise<void>
}

const LIFETIME_MS = 3_600_000
const AT_ONCE = 2
const WAITING = 500

export function createForgottenPasswords ({ db, send, audit, publicUrl, provider, onError }: {
  db: Database
  send: SendMail
  audit: Audit
  publicUrl: () => string
  /** What people call the one that they sign in by. */
  provider: string | undefined
  onError: (error: unknown) => void
}): ForgottenPasswords {
  // Whoever asks for many takes nobody else's turn.
  const queue = createFairQueue({ concurrency: AT_ONCE, perOwner: AT_ONCE, capacity: WAITING })
  const pending = new Set<Promise<void>>()

  async function remind (typed: string, trace: Trace): Promise<void> {
    const user = await findUserByEmail(db, canonicalEmail(typed))
    if (user?.email == null || user.disabledAt !== null) return
    const url = publicUrl()
    if (user.passwordHash === null && provider !== undefined) {
      await send({ to: user.email, ...providerMail({ url, provider }) })
      return
    }
    const { token, hash } = generateToken()
    await createLink(db, { hash, userId: user.id, createdBy: null, expiresAt: new Date(Date.now() + LIFETIME_MS) })
    audit({ ...trace, action: 'user.reset-mail', userId: null, subject: user.id })
    await send({ to: user.email, ...resetMail({ url, link: `${url}/reset#${token}` }) })
  }

  return {
    ask (email, trace) {
      const asked = queue.run(trace.ip, async () => await remind(email, trace))
        .catch(onError)
        .finally(() => pending.delete(asked))
      pending.add(asked)
    },
    settled: async () => void await Promise.all(pending)
  }
}
