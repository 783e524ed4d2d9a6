import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import ssh2, { type AuthContext, type Connection, type PublicKeyAuthContext } from 'ssh2'
import type { Audit } from '../../plugins/audit.ts'
import type { FoundProject } from '../core/repo.ts'

type Auth = FastifyInstance['auth']
export type Principal = Parameters<Auth['noteUse']>[0]

/** Who has come in, and where to. */
export interface Guest {
  readonly principal: Principal
  readonly project: FoundProject
}

export interface SignInOptions {
  readonly auth: Pick<Auth, 'bySshKey' | 'noteUse' | 'countUser'>
  /** By its id or name. Rejects or resolves with undefined where they have no part in such a one. */
  readonly findProject: (userId: string, name: string) => Promise<FoundProject | undefined>
  readonly audit: Audit
  readonly log: Pick<FastifyBaseLogger, 'info'>
}

/** People with many keys in their agent show one after the other. */
const MOST_ATTEMPTS = 20

/**
 * Lets in whoever has the private key of somebody's public one, and a part in the project that the user name names. To
 * everybody else all refusals look the same: only of a key that they hold anyway they learn whether it is on this server,
 * which spares people the passphrases of those that are not.
 */
export function createSignIn ({ auth, findProject, audit, log }: SignInOptions) {
  async function identify (context: PublicKeyAuthContext): Promise<Principal | undefined> {
    const { key: { algo, data }, signature, blob, hashAlgo } = context
    const principal = await auth.bySshKey(data)
    if (principal === undefined || signature === undefined || blob === undefined) return principal
    // Signed with SHA-1.
    if (algo === 'ssh-rsa' && hashAlgo === undefined) return undefined
    const key = ssh2.utils.parseKey(`${algo} ${data.toString('base64')}`)
    return !(key instanceof Error) && key.verify(blob, signature, hashAlgo) ? principal : undefined
  }

  /** Undefined where the client has only asked about the key, or is refused. */
  async function decide (context: AuthContext, address: string): Promise<Guest | undefined> {
    if (context.method !== 'publickey') {
      context.reject(['publickey'])
      return undefined
    }
    const principal = await identify(context)
    if (principal !== undefined && context.signature === undefined) {
      context.accept()
      return undefined
    }
    const project = principal === undefined ? undefined : await findProject(principal.userId, context.username)
    if (principal === undefined || project === undefined) {
      if (context.signature !== undefined) audit({ action: 'user.ssh-sign-in-failed', userId: principal?.userId ?? null, ip: address })
      context.reject(['publickey'])
      return undefined
    }
    await auth.countUser(principal.userId)
    return { principal, project }
  }

  /** Resolves when somebody is let in, who has still to be told so by `accept`; never for anybody else. */
  return async function signIn (client: Connection, address: string): Promise<{ readonly guest: Guest, readonly accept: () => void }> {
    let attempts = 0
    return await new Promise((resolve) => {
      client.on('authentication', (context) => {
        if (++attempts > MOST_ATTEMPTS) {
          client.end()
          return
        }
        decide(context, address).then((guest) => {
          if (guest === undefined) return
          const { principal, project } = guest
          auth.noteUse(principal)
          audit({ action: 'user.ssh-sign-in', userId: principal.userId, subject: project.id, ip: address })
          resolve({ guest, accept: () => context.accept() })
        }).catch((err: unknown) => {
          // A connection that has ended meanwhile takes no answer, too.
          log.info({ err }, 'somebody could not be signed in by SSH')
          client.end()
        })
      })
    })
  }
}
