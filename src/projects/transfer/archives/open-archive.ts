import { gunzip } from './decompress.ts'
import { recogniseArchive, TELLING_BYTES } from './format.ts'
import { readMembers, type Member } from './members.ts'
import { peek } from './peek.ts'
import type { Spool } from '../spool.ts'
import { readZipMembers } from './zip-members.ts'

/** The members of an archive on its way into the spool, each as soon as it can be told. Ends when all of it is there. */
export async function * receiveArchive (spool: Spool, bytes: AsyncIterable<Buffer>): AsyncGenerator<Member> {
  const { first, all } = await peek(spool.record(bytes), TELLING_BYTES)
  const format = recogniseArchive(first)
  if (format !== 'zip') {
    yield * readTar(format, all)
    return
  }
  // What is in a zip stands at its end.
  for await (const chunk of all) void chunk
  yield * readZipMembers(spool.fd)
}

/** The members of an archive that is in the spool. */
export async function openArchive (spool: Spool): Promise<AsyncGenerator<Member>> {
  const { first, all } = await peek(spool.read(), TELLING_BYTES)
  const format = recogniseArchive(first)
  if (format !== 'zip') return readTar(format, all)
  await all.return(undefined)
  return readZipMembers(spool.fd)
}

function readTar (format: 'tar' | 'gzip', bytes: AsyncIterable<Buffer>): AsyncGenerator<Member> {
  return readMembers(format === 'gzip' ? gunzip(bytes) : bytes)
}
