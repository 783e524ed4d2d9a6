/** How many projects may run at once; containers of projects are all of one size. */
export interface AdmissionLimits {
  readonly most: number
  readonly perOwner: number
}

export type StartRefusal = 'host' | 'owner'

/** There is no room for one more running project. */
export class StartRefusedError extends Error {
  override readonly name = 'StartRefusedError'
  readonly refusal: StartRefusal

  constructor (refusal: StartRefusal) {
    super(refusal === 'host' ? 'as many projects run as the host has memory for' : 'the owner has as many projects running as one may')
    this.refusal = refusal
  }
}

/** Of the room for all, this share is for owners of whom nothing runs. */
const NEWCOMERS_SHARE = 0.25

/** So that one account, or a few, cannot have it all. */
export function deriveAdmission ({ budgetBytes, memoryBytes, perOwner }: { budgetBytes: number, memoryBytes: number, perOwner: number }): AdmissionLimits {
  const most = Math.max(Math.floor(budgetBytes / memoryBytes), 1)
  return { most, perOwner: Math.min(perOwner, Math.max(Math.floor(most / 2), 1)) }
}

/** Why a project of an owner with so many running ones may not be started; undefined if it may. */
export function refuseStart ({ all, ownersOwn }: { all: number, ownersOwn: number }, { most, perOwner }: AdmissionLimits): StartRefusal | undefined {
  if (ownersOwn >= perOwner) return 'owner'
  const room = ownersOwn === 0 ? most : most - Math.floor(most * NEWCOMERS_SHARE)
  return all >= room ? 'host' : undefined
}
