/** Taken by every call as its last argument. */
export interface CallOptions {
  /** Aborts the call; for a stream, also after it has opened. The error's code is `aborted`. */
  signal?: AbortSignal
  /**
   * Replaces the operation's own deadline; the error's code is `timeout`.
   * An ordinary call must be complete by then, a stream must have opened (a stream that is open has no deadline).
   */
  deadlineMs?: number
}

/** What an operation reports that may find its work already done. */
export interface Outcome {
  /** True when there was nothing left to do: already started, stopped, dead or removed. */
  alreadySo: boolean
}

/** The Engine's `filters` parameter, for example `{ label: ['berth.kind=run'] }`. */
export type Filters = Record<string, readonly string[]>
