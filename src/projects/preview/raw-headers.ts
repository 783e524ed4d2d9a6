/** Names and values in turn, as `IncomingMessage.rawHeaders` has them. */
export type RawHeaders = readonly string[]

export function * pairs (raw: RawHeaders): Generator<[name: string, value: string]> {
  for (let i = 0; i + 1 < raw.length; i += 2) yield [raw[i] ?? '', raw[i + 1] ?? '']
}
