import { errors } from '../../errors.ts'

export interface TerminalLimits {
  readonly perProject: number
  readonly perUser: number
}

/** Counts terminals, those that are being opened included. */
export function createTerminalQuota ({ perProject, perUser }: TerminalLimits) {
  const counts = new Map<string, number>()

  function add (name: string, difference: number): void {
    const count = (counts.get(name) ?? 0) + difference
    if (count === 0) counts.delete(name)
    else counts.set(name, count)
  }

  return {
    /** Throws TERMINAL_QUOTA. Returns how to give the place back. */
    take (userId: string, projectId: string): () => void {
      const names = [`user ${userId}`, `project ${projectId}`] as const
      if ((counts.get(names[0]) ?? 0) >= perUser) throw new errors.TERMINAL_QUOTA('Your account', perUser)
      if ((counts.get(names[1]) ?? 0) >= perProject) throw new errors.TERMINAL_QUOTA('The project', perProject)
      for (const name of names) add(name, 1)
      let isTaken = true
      return () => {
        if (!isTaken) return
        isTaken = false
        for (const name of names) add(name, -1)
      }
    }
  }
}
