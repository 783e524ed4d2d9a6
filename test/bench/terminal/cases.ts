import { interleave, reportLine, type Print } from '../measure.ts'
import type { Line } from './lines.ts'

const KEYS = 2000
const BULK_BYTES = 50_000_000
const BULK_ROUNDS = 6

/** What the program of a line is for each of the two. */
export const ECHO = 'cat'
export const BULK = `while read -rN1 go; do head -c ${BULK_BYTES} /dev/zero; done`

interface Lines {
  readonly raw: Line
  readonly ours: Line
}

export async function measureEcho (print: Print, { raw, ours }: Lines, circumstance: string): Promise<void> {
  const key = Buffer.from('x')
  const press = async (line: Line): Promise<void> => {
    line.send(key)
    await line.receive(1)
  }
  const cases = { raw: async () => await press(raw), ours: async () => await press(ours) }
  await interleave(200, cases)
  const samples = await interleave(KEYS, cases)
  print(`keystroke to echo, ${circumstance}, ${KEYS} rounds, milliseconds`)
  print(reportLine('the Engine\'s hijacked socket', samples.raw))
  print(reportLine('our WebSocket (target + 0.3 ms)', samples.ours, samples.raw))
}

export async function measureBulk (print: Print, { raw, ours }: Lines): Promise<void> {
  const fetch = async (line: Line): Promise<void> => {
    line.send(Buffer.from('g'))
    await line.receive(BULK_BYTES)
  }
  const samples = await interleave(BULK_ROUNDS, { raw: async () => await fetch(raw), ours: async () => await fetch(ours) })
  const rate = (milliseconds: readonly number[]): number => BULK_BYTES * milliseconds.length / 1e3 / milliseconds.reduce((sum, each) => sum + each, 0)
  print(`bulk output, ${BULK_ROUNDS} x ${BULK_BYTES / 1e6} MB, all bytes counted`)
  print(`the Engine's hijacked socket   ${rate(samples.raw).toFixed(1)} MB/s`)
  print(`our WebSocket (target 0.9 x)   ${rate(samples.ours).toFixed(1)} MB/s   ${(rate(samples.ours) / rate(samples.raw)).toFixed(2)} x`)
}
