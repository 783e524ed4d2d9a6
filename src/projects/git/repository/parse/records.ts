/** What was taken for git printed something that git does not. */
export class MalformedOutputError extends Error {
  override readonly name = 'MalformedOutputError'
}

const SPACE = 0x20

/** What ends with NUL; the rest of output that was cut off is no record. */
export function * records (output: Buffer): Generator<Buffer, void> {
  for (let start = 0; start < output.length;) {
    const end = output.indexOf(0, start)
    if (end === -1) return
    yield output.subarray(start, end)
    start = end + 1
  }
}

/** At most so many groups of records, each as it is asked for; one that is not complete is left out. */
export function * groups (output: Buffer, { size, most }: { size: number, most: number }): Generator<string[], void> {
  let group: string[] = []
  let count = 0
  for (const record of records(output)) {
    group.push(record.toString())
    if (group.length < size) continue
    yield group
    group = []
    if (++count === most) return
  }
}

/** As many words as asked for, and what follows them, which may have blanks in it. */
export function splitWords (record: Buffer, count: number): { words: string[], rest: Buffer } {
  const words: string[] = []
  let start = 0
  while (words.length < count) {
    const end = record.indexOf(SPACE, start)
    if (end === -1) throw new MalformedOutputError('a record has too few fields')
    words.push(record.toString('latin1', start, end))
    start = end + 1
  }
  return { words, rest: record.subarray(start) }
}

/** Where something ends that has no sign of its own in git's words. */
export function parseCount (text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw new MalformedOutputError('a number is none')
  return Number(text)
}

export function parseHash (text: string | undefined): string {
  if (text === undefined || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) throw new MalformedOutputError('a hash is none')
  return text
}

/** Seconds since 1970, which an author sets to what they like; as far as a Date goes. */
export function parseTime (text: string | undefined): Date {
  if (text === undefined || !/^-?\d{1,20}$/.test(text)) throw new MalformedOutputError('a time is none')
  const LATEST_S = 8_640_000_000_000
  return new Date(1000 * Math.max(-LATEST_S, Math.min(LATEST_S, Number(text))))
}
