/** How much may run at once: memory for all projects together, by what each may have. */
export interface AdmissionLimits {
  readonly budgetBytes: number
  /** Of a project that has not chosen. */
  readonly memoryBytes: number
  /** Most running projects of one owner. */
  readonly perOwner: number
}

/** What runs, or is about to, beside the project that is to be started. */
export interface Running {
  readonly count: number
  readonly bytes: number
  readonly ownersCount: number
  readonly ownersBytes: number
  /** Set for this owner in place of `perOwner`. */
  readonly ownersMost: number | null
}

export type StartRefusal = 'host' | 'owner'

/** There is no room for one more running project. */
export class StartRefusedError extends Error {
  override readonly name = 'StartRefusedError'
  readonly refusal: StartRefusal
  /** Most projects that the owner may have running. */
  readonly most: number

  constructor (refusal: StartRefusal, most: number) {
    super(refusal === 'host' ? 'as many projects run as the host has memory for' : 'the owner has as many projects running as one may')
    this.refusal = refusal
    this.most = most
  }
}

/** Of the memory for all, this share is for owners of whom nothing runs. */
const NEWCOMERS_SHARE = 0.25

/** So that one account, or a few, cannot have it all. */
export function mostOfOwner ({ budgetBytes }: AdmissionLimits): number {
  return budgetBytes / 2
}

/** Why a project that may have so much memory may not be started; undefined if it may. The first one always may. */
export function refuseStart (askedBytes: number, { count, bytes, ownersCount, ownersBytes, ownersMost }: Running, limits: AdmissionLimits): StartRefusal | undefined {
  if (ownersCount >= (ownersMost ?? limits.perOwner) || (ownersCount > 0 && ownersBytes + askedBytes > mostOfOwner(limits))) return 'owner'
  const room = limits.budgetBytes * (ownersCount === 0 ? 1 : 1 - NEWCOMERS_SHARE)
  return count > 0 && bytes + askedBytes > room ? 'host' : undefined
}
