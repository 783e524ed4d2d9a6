import { errors } from '../../errors.ts'
import type { TerminalRow } from './repo.ts'

export interface TerminalLimits {
  readonly perProject: number
  readonly perUser: number
}

type Place = Pick<TerminalRow, 'id' | 'userId' | 'projectId'>

/** Bounds how many terminals there are, those included that others have begun to open on this server. */
export function createTerminalQuota ({ perProject, perUser }: TerminalLimits, { list, listLiving }: {
  /** Of that user or that project. */
  list: (place: Place) => Promise<readonly TerminalRow[]>
  /** Those of them whose shells are still there. */
  listLiving: (rows: readonly TerminalRow[]) => Promise<readonly TerminalRow[]>
}) {
  const opening = new Set<Place>()

  function check (place: Place, rows: readonly Place[]): Error | undefined {
    const before = [...opening].slice(0, [...opening].indexOf(place))
    const others = [...new Map([...before, ...rows].map((other) => [other.id, other])).values()]
    if (others.filter(({ userId }) => userId === place.userId).length >= perUser) return new errors.TERMINAL_QUOTA('Your account', perUser)
    if (others.filter(({ projectId }) => projectId === place.projectId).length >= perProject) return new errors.TERMINAL_QUOTA('The project', perProject)
    return undefined
  }

  return {
    /** Opens one more. Throws TERMINAL_QUOTA. */
    within: async <T>(place: Place, open: () => Promise<T>): Promise<T> => {
      opening.add(place)
      try {
        const rows = await list(place)
        // Shells end without a word: only where it matters is every one looked at.
        const refusal = check(place, rows) && check(place, await listLiving(rows))
        if (refusal !== undefined) throw refusal
        return await open()
      } finally {
        opening.delete(place)
      }
    }
  }
}
