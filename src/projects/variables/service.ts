import { errors } from '../../errors.ts'
import { UnsealError, type Seal } from '../../lib/seal.ts'
import { mergeEnvironment } from '../../programs/command.ts'
import type { VariableBounds, VariableRepo, VariableRow } from './repo.ts'
import { resealRows } from './reseal.ts'

const BOUNDS: VariableBounds = { count: 100, bytes: 64 * 1024 }
/** What Berth's own programs in the project go by. */
const RESERVED = /^BERTH_/

export type VariableService = ReturnType<typeof createVariableService>

/** Names and values that a project's shells and commands find in their environment; the values of secrets never come back. */
export function createVariableService ({ repo, seal, log }: { repo: VariableRepo, seal: Seal, log: { warn: (fields: object, message: string) => void } }) {
  // A sealed value is worth nothing under another name, or in another project.
  const label = (projectId: string, name: string): string => `${projectId}/${name}`

  async function set (projectId: string, variables: Readonly<Record<string, string>>, isSecret: boolean): Promise<void> {
    for (const name of Object.keys(mergeEnvironment({}, variables))) {
      if (RESERVED.test(name)) throw new errors.BAD_REQUEST(`${name} is not for you to set: names that begin with BERTH_ are Berth's own`)
    }
    const rows = Object.entries(variables).map(([name, value]) => ({ name, isSecret, value: isSecret ? seal.seal(value, label(projectId, name)) : Buffer.from(value) }))
    if (!await repo.set(projectId, rows, BOUNDS)) {
      throw new errors.TOO_LARGE(`A project has at most ${BOUNDS.count} variables and secrets, with ${BOUNDS.bytes} bytes together. Keep what is larger in a file`)
    }
  }

  function open ({ projectId, name, value }: VariableRow): string {
    try {
      return seal.open(value, label(projectId, name))
    } catch (error) {
      if (!(error instanceof UnsealError)) throw error
      throw Object.assign(new errors.SECRETS_SEALED(name), { cause: error })
    }
  }

  return {
    set,

    env: async (projectId: string): Promise<Record<string, string>> => {
      const rows = await repo.list(projectId)
      return Object.fromEntries(rows.filter(({ isSecret }) => !isSecret).map(({ name, value }) => [name, value.toString()]))
    },

    secrets: async (projectId: string): Promise<Array<{ name: string, updatedAt: Date }>> =>
      (await repo.list(projectId)).filter(({ isSecret }) => isSecret),

    async remove (projectId: string, name: string, isSecret: boolean): Promise<void> {
      if (!await repo.remove(projectId, { name, isSecret })) throw new errors.VARIABLE_NOT_FOUND(name)
    },

    /** Both, for what is started in the project. Throws SECRETS_SEALED where one cannot be opened. */
    of: async (projectId: string): Promise<Record<string, string>> => {
      const rows = await repo.list(projectId)
      return Object.fromEntries(rows.map((row) => [row.name, row.isSecret ? open(row) : row.value.toString()]))
    },

    /** Seals with the present key what an older one has sealed. */
    async reseal (signal: AbortSignal): Promise<void> {
      await resealRows(repo, {
        mark: seal.mark,
        reseal: (row) => seal.seal(open(row), label(row.projectId, row.name)),
        signal,
        onError: (err, { projectId, name }) => log.warn({ err, projectId, secret: name }, 'a secret cannot be opened with any key of SECRETS_KEY')
      })
    }
  }
}
