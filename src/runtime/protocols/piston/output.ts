import { StringDecoder } from 'node:string_decoder'
import type { StreamName } from '../../runs/tap.ts'

export interface StageOutput {
  readonly stdout: string
  readonly stderr: string
  /** Both in the order in which they came. */
  readonly output: string
}

export interface OutputCollector {
  readonly add: (stream: StreamName, bytes: Buffer) => void
  readonly text: () => StageOutput
}

/**
 * Collects what a stage prints, at most `limitBytes` of each stream. A chunk may end inside a character, and the other
 * stream come in between: `output` is made of whole characters all the same.
 */
export function createOutputCollector (limitBytes: number): OutputCollector {
  const chunks: Array<{ stream: StreamName, bytes: Buffer }> = []
  const room = { stdout: limitBytes, stderr: limitBytes }

  return {
    add (stream, bytes) {
      // The sandbox keeps to the limit; what a broken one sends beyond it is dropped.
      const kept = bytes.subarray(0, room[stream])
      room[stream] -= kept.length
      if (kept.length > 0) chunks.push({ stream, bytes: kept })
    },
    text () {
      const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') }
      const texts = { stdout: '', stderr: '', output: '' }
      const append = (stream: StreamName, text: string): void => {
        texts[stream] += text
        texts.output += text
      }
      for (const { stream, bytes } of chunks) append(stream, decoders[stream].write(bytes))
      append('stdout', decoders.stdout.end())
      append('stderr', decoders.stderr.end())
      return texts
    }
  }
}
