/** Keeps the last bytes of a stream, whatever the pieces that it comes in. */
export function createTail (limitBytes: number) {
  let kept: Buffer[] = []
  let size = 0
  return {
    add (bytes: Buffer): void {
      kept.push(bytes)
      size += bytes.length
      // Not for each piece: a stream of single bytes would be copied over and over.
      if (size >= 2 * limitBytes) {
        kept = [Buffer.concat(kept).subarray(-limitBytes)]
        size = limitBytes
      }
    },
    text: (): string => Buffer.concat(kept).subarray(-limitBytes).toString()
  }
}
