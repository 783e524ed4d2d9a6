export interface Reconnecting {
  readonly name: 'reconnecting'
  readonly delayMs: number
  /** In the server's words. */
  readonly reason?: string
}

export function describeReconnecting ({ delayMs, reason = 'Connection lost' }: Reconnecting): string {
  return delayMs < 1000 ? 'Reconnecting…' : `${reason}. Next attempt in ${Math.round(delayMs / 1000)} s`
}
