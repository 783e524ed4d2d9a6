import { DEFAULT_CPU_SHARES } from '../../sandbox/sandbox.ts'

const LOW_CPU_SHARES = 64
const LOW_FROM_SLOTS = 0.5
const DEFAULT_BELOW_SLOTS = 0.25

/**
 * The CPU weight of a run whose owner has held so many slots lately, on average. Between the two bounds it stays as it
 * is: a change is a call to the Engine. Measured: beside endless loops of others a short program takes half as long when
 * they have the low weight. Nobody loses by it who has the machine to himself.
 */
export function cpuSharesFor (heldLately: number): number | undefined {
  if (heldLately >= LOW_FROM_SLOTS) return LOW_CPU_SHARES
  return heldLately < DEFAULT_BELOW_SLOTS ? DEFAULT_CPU_SHARES : undefined
}
