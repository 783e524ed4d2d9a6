import { errors } from '../../../errors.ts'
import { UnsealError, type Seal } from '../../../lib/seal.ts'
import { resealRows } from '../../variables/reseal.ts'
import type { GitOptions } from '../repository/git.ts'
import type { CredentialRepo, CredentialRow } from './repo.ts'

const MOST = 20
/** Programs of the image, which nobody in the project can replace. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** git runs it by a shell with what it wants to be done. Only its own environment has the credential. */
const HELPER = '!berth() { test "$1" = get && printf \'username=%s\\npassword=%s\\n\' "$BERTH_GIT_USERNAME" "$BERTH_GIT_PASSWORD"; }; berth'

export type CredentialService = ReturnType<typeof createCredentialService>

/** User names and passwords, or tokens, for the https hosts of a project's remotes; passwords never come back. */
export function createCredentialService ({ repo, seal, log }: { repo: CredentialRepo, seal: Seal, log: { warn: (fields: object, message: string) => void } }) {
  // Worth nothing for another host, or in another project. No variable has a slash in its name.
  const label = ({ projectId, host }: { projectId: string, host: string }): string => `${projectId}/git/${host}`

  function open (row: CredentialRow): string {
    try {
      return seal.open(row.password, label(row))
    } catch (error) {
      if (!(error instanceof UnsealError)) throw error
      throw Object.assign(new errors.SECRETS_SEALED(`for ${row.host}`), { cause: error })
    }
  }

  return {
    list: repo.list,

    async set (projectId: string, host: string, { username, password }: { username: string, password: string }): Promise<void> {
      checkHost(host)
      const row = { projectId, host, username, password: seal.seal(password, label({ projectId, host })) }
      if (!await repo.set(row, MOST)) throw new errors.TOO_LARGE(`A project has credentials for at most ${MOST} hosts. Delete one first`)
    },

    async remove (projectId: string, host: string): Promise<void> {
      if (!await repo.remove(projectId, host)) throw new errors.CREDENTIAL_NOT_FOUND(host)
    },

    /**
     * What a git that goes to that address is run with. It asks our helper for this one host and nobody else's, no hook of
     * the repository runs, and PATH has nothing that the project can write.
     */
    async for (projectId: string, address: string): Promise<Pick<GitOptions, 'env' | 'configuration'>> {
      const url = URL.parse(address)
      if (url?.protocol !== 'https:') return {}
      const row = await repo.find(projectId, url.host)
      if (row === undefined) return {}
      const helper = `credential.https://${url.host}.helper`
      return {
        env: { PATH, BERTH_GIT_USERNAME: row.username, BERTH_GIT_PASSWORD: open(row) },
        // The empty one takes all helpers away that are configured elsewhere, which would be told of it.
        configuration: [[helper, ''], [helper, HELPER], ['core.hooksPath', '/dev/null']]
      }
    },

    async reseal (signal: AbortSignal): Promise<void> {
      await resealRows(repo, {
        mark: seal.mark,
        reseal: (row) => seal.seal(open(row), label(row)),
        signal,
        onError: (err, { projectId, host }) => log.warn({ err, projectId, host }, 'a credential cannot be opened with any key of SECRETS_KEY')
      })
    }
  }
}

function checkHost (host: string): void {
  const canonical = URL.parse(`https://${host}`)?.host
  if (canonical !== host) throw new errors.BAD_REQUEST(`${JSON.stringify(host)} is not a host as addresses have it${canonical === undefined || canonical === '' ? '' : `: write ${canonical}`}`)
}
