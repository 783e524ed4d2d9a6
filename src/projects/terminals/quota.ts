import { errors } from '../../errors.ts'
import type { TerminalRow } from './repo.ts'

export interface TerminalLimits {
  readonly perProject: number
  readonly perUser: number
}

type Opening = Pick<TerminalRow, 'id' | 'userId' | 'projectId'>

/** Bounds how many terminals there are, those included that others have begun to open on this server. */
export function createTerminalQuota ({ perProject, perUser }: TerminalLimits, { list, listLiving }: {
  /** Of that user or that project. */
  list: (wanted: Opening) => Promise<readonly TerminalRow[]>
  /** Those of them whose shells are still there. */
  listLiving: (rows: readonly TerminalRow[]) => Promise<readonly TerminalRow[]>
}) {
  const opening = new Set<Opening>()

  function check (wanted: Opening, rows: readonly Opening[]): Error | undefined {
    const before = [...opening].slice(0, [...opening].indexOf(wanted))
    const others = [...new Map([...before, ...rows].map((other) => [other.id, other])).values()]
    if (others.filter(({ userId }) => userId === wanted.userId).length >= perUser) return new errors.TERMINAL_QUOTA('Your account', perUser)
    if (others.filter(({ projectId }) => projectId === wanted.projectId).length >= perProject) return new errors.TERMINAL_QUOTA('The project', perProject)
    return undefined
  }

  return {
    /** Opens one more. Throws TERMINAL_QUOTA. */
    within: async <T>(wanted: Opening, open: () => Promise<T>): Promise<T> => {
      opening.add(wanted)
      try {
        const rows = await list(wanted)
        // Shells end without a word: only where it matters is every one looked at.
        const refusal = check(wanted, rows) && check(wanted, await listLiving(rows))
        if (refusal !== undefined) throw refusal
        return await open()
      } finally {
        opening.delete(wanted)
      }
    }
  }
}
