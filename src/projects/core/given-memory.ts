/** So many projects of the largest languages are to run beside each other. */
const PROJECTS_AT_ONCE = 8

/** What a project has that has not chosen: what its language needs, as far as there is room for it, and never less than all have. */
export function givenMemoryBytes (neededBytes: number, { memoryBytes, memoryMaxBytes, budgetBytes }: {
  readonly memoryBytes: number
  readonly memoryMaxBytes: number
  /** For all that run together. */
  readonly budgetBytes: number
}): number {
  return Math.max(memoryBytes, Math.min(neededBytes, memoryMaxBytes, Math.floor(budgetBytes / PROJECTS_AT_ONCE)))
}
