/**
 * How many of the bytes come before a character that is not complete yet, so that text cut there can be decoded piece by
 * piece. Bytes that can never become a character count as complete.
 */
export function completeUtf8Length (bytes: Uint8Array): number {
  const end = bytes.length
  for (let back = 1; back <= Math.min(3, end); back++) {
    const byte = bytes[end - back] ?? 0
    if (isContinuation(byte)) continue
    return sequenceLength(byte) > back ? end - back : end
  }
  return end
}

const isContinuation = (byte: number): boolean => (byte & 0b1100_0000) === 0b1000_0000

function sequenceLength (lead: number): number {
  if (lead >= 0xf0 && lead <= 0xf4) return 4
  if (lead >= 0xe0 && lead < 0xf0) return 3
  if (lead >= 0xc2 && lead < 0xe0) return 2
  return 1
}
