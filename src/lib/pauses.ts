import { setImmediate as nextTurn } from 'node:timers/promises'

const WORK_PER_TURN = 256 * 1024
/** What one item costs beside its bytes. */
const WORK_PER_ITEM = 512

/**
 * Lets others have the event loop after so much work, in bytes looked at: a loop over what is there already, awaited or
 * not, never leaves it.
 */
export function createPauses (workPerTurn = WORK_PER_TURN): (bytes: number) => Promise<void> | undefined {
  let work = 0
  return (bytes) => {
    work += bytes + WORK_PER_ITEM
    if (work < workPerTurn) return undefined
    work = 0
    return nextTurn()
  }
}
