import { buffer } from 'node:stream/consumers'
import { errors } from '../../../errors.ts'
import type { FileService } from '../../files/service.ts'

/** Clients ask for less at a time. */
const AHEAD_BYTES = 512 * 1024

export interface Download {
  /** Less than that only at the end, where it is empty: OpenSSH can cut a file off whose parts come in pieces. */
  readonly read: (offset: number, length: number) => Promise<Buffer>
}

interface Ahead {
  readonly of: object
  readonly offset: number
  readonly bytes: Buffer
  /** There was no more. */
  readonly isEnd: boolean
}

/** Reads files here and there, in larger parts than it is asked for; only of the last one something is kept. */
export function createDownloads (files: Pick<FileService, 'open'>, projectId: string) {
  let ahead: Ahead | undefined

  function kept (of: object, offset: number, length: number): Buffer | undefined {
    if (ahead?.of !== of) return undefined
    const at = offset - ahead.offset
    const isThere = at >= 0 && at < ahead.bytes.length && (ahead.isEnd || at + length <= ahead.bytes.length)
    return isThere ? ahead.bytes.subarray(at, at + length) : undefined
  }

  return (path: string): Download => {
    const self = {}
    let inode: bigint | undefined
    return {
      async read (offset, length) {
        const already = kept(self, offset, length)
        if (already !== undefined) return already
        const wanted = Math.max(length, AHEAD_BYTES)
        const { entry, bytes } = await files.open(projectId, path, { offset, length: wanted })
        inode ??= entry.inode
        if (inode !== entry.inode) {
          bytes.destroy()
          throw new errors.BAD_REQUEST('The file was replaced by another one while it was read. Read it again')
        }
        const content = await buffer(bytes)
        ahead = { of: self, offset, bytes: content, isEnd: content.length < wanted }
        return content.subarray(0, length)
      }
    }
  }
}
