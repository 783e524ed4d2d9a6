import { errors } from '../../../errors.ts'
import { u32 } from './packets.ts'
import type { Download } from './download.ts'
import type { Upload } from './upload.ts'

export interface OpenFile {
  readonly kind: 'file'
  readonly path: string
  download: Download
  readonly upload: Upload | undefined
}

export interface OpenDirectory {
  readonly kind: 'directory'
  readonly path: string | null
  /** What was listed last. */
  after: Buffer | undefined
  isOver: boolean
}

export type Handle = OpenFile | OpenDirectory

export const MOST_HANDLES = 64

/** What a client has open, by names of ours. */
export function createHandles () {
  const handles = new Map<string, Handle>()
  let last = 0

  function find (name: Buffer): Handle {
    const handle = handles.get(name.toString('hex'))
    if (handle === undefined) throw new errors.BAD_REQUEST('There is no such handle')
    return handle
  }

  return {
    /** Before anything is opened. */
    checkRoom (): void {
      if (handles.size >= MOST_HANDLES) throw new errors.BAD_REQUEST(`${MOST_HANDLES} files and directories are open, which is all there can be. Close one first`)
    },
    add (handle: Handle): Buffer {
      const name = u32(++last >>> 0)
      handles.set(name.toString('hex'), handle)
      return name
    },
    file (name: Buffer): OpenFile {
      const handle = find(name)
      if (handle.kind !== 'file') throw new errors.BAD_REQUEST('This handle is a directory\'s')
      return handle
    },
    directory (name: Buffer): OpenDirectory {
      const handle = find(name)
      if (handle.kind !== 'directory') throw new errors.BAD_REQUEST('This handle is a file\'s')
      return handle
    },
    remove (name: Buffer): Handle {
      const handle = find(name)
      handles.delete(name.toString('hex'))
      return handle
    },
    /** Nothing of what was not committed stays. */
    abandonAll (): void {
      for (const handle of handles.values()) if (handle.kind === 'file') handle.upload?.abandon()
      handles.clear()
    }
  }
}
