import { setMaxListeners } from 'node:events'

/** Aborted with the first of them. Any number may listen: as many as there are operations at once. */
export function joinSignals (...signals: Array<AbortSignal | undefined>): AbortSignal {
  const joined = AbortSignal.any(signals.filter((signal) => signal !== undefined))
  setMaxListeners(0, joined)
  return joined
}
