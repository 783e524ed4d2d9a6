import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { isUuid } from '../../lib/uuid.ts'
import type { PreviewAddress } from './address.ts'

/**
 * The value of the cookie that opens a private preview: a signed-in session, sealed for one preview. It says nothing by
 * itself: whether the session lives and its user has a part in the project is asked with every request.
 */
export interface Grants {
  readonly issue: (address: PreviewAddress, sessionId: string) => string
  /** The session's id; undefined if it was not issued for this preview. */
  readonly read: (address: PreviewAddress, value: string) => string | undefined
}

export function createGrants (serverSecret: string): Grants {
  // A key of its own, so that nothing sealed here can pass for anything else that is signed with the server's secret.
  const key = Buffer.from(hkdfSync('sha256', serverSecret, '', 'berth preview grant', 32))

  const seal = ({ projectId, port }: PreviewAddress, sessionId: string): Buffer =>
    createHmac('sha256', key).update(`${projectId}:${port}:${sessionId}`).digest()

  return {
    issue: (address, sessionId) => `${sessionId}.${seal(address, sessionId).toString('base64url')}`,
    read (address, value) {
      const [sessionId = '', mac = ''] = value.split('.')
      if (!isUuid(sessionId)) return undefined
      const given = Buffer.from(mac, 'base64url')
      const right = seal(address, sessionId)
      return given.length === right.length && timingSafeEqual(given, right) ? sessionId : undefined
    }
  }
}
