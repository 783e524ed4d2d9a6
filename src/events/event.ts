export const eventTypes = ['project', 'clone', 'snapshot', 'process', 'build', 'node'] as const

/** Something that has changed, as the servers tell each other. */
export interface PublishedEvent {
  readonly type: typeof eventTypes[number]
  /** Whoever may see that project; administrators alone without one. */
  readonly project?: { readonly id: string, readonly owner: string }
  readonly data: object
}
