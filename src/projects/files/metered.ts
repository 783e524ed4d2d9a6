import type { Readable } from 'node:stream'
import { errors } from '../../errors.ts'
import type { Reservation } from '../workspace/quota.ts'

/** A stream's bytes for as long as the file may grow and the project has room; `prepaid` bytes are reserved already. */
export async function * metered (source: Readable, { fileLimit, reservation, prepaid }: {
  fileLimit: number
  reservation: Reservation
  prepaid: number
}): AsyncGenerator<Uint8Array> {
  let received = 0
  // Left open when the write fails: destroying a request takes its connection along, and with it the answer.
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Uint8Array
    const before = Math.max(received, prepaid)
    received += bytes.length
    if (received > fileLimit) throw new errors.FILE_TOO_LARGE(fileLimit)
    if (received > before) reservation.take(received - before)
    yield bytes
  }
}
