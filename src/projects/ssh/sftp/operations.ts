import { errors } from '../../../errors.ts'
import type { FileEntry } from '../../../sandbox/agent-protocol.ts'
import type { FileService } from '../../files/service.ts'
import { createDownloads } from './download.ts'
import { createHandles, MOST_HANDLES, type OpenFile } from './handles.ts'
import { resolvePath, rootEntry, showAttributes, showEntry, showName, toProjectPath } from './names.ts'
import {
  bytesField, encodeAttributes, encodeNames, encodePacket, encodeStatus, MAX_CONTENT_BYTES, MAX_PACKET_BYTES, OpenFlag, PacketType, StatusCode, u64,
  type Fields, type FileAttributes
} from './packets.ts'
import { UnsupportedError } from './status.ts'
import { createUpload } from './upload.ts'

export interface OperationsOptions {
  readonly files: FileService
  readonly projectId: string
  readonly mayEdit: boolean
  readonly fileLimit: number
  readonly takeUpload: () => () => void
}

/** Does what a packet asks for; the answer is a packet, too. */
export type Operation = (id: number, fields: Fields) => Promise<Buffer>

export const extensions = { 'posix-rename@openssh.com': '1', 'fsync@openssh.com': '1', 'limits@openssh.com': '1' } as const

const NAMES_AT_ONCE = 128
const MODES = 0o777
const NS_PER_S = 1_000_000_000n
const NOTHING = new Uint8Array(0)

/** The requests of SFTP, on a project's files as everybody else has them. */
export function createOperations ({ files, projectId, mayEdit, fileLimit, takeUpload }: OperationsOptions) {
  const handles = createHandles()
  const openDownload = createDownloads(files, projectId)
  const done = (id: number): Buffer => encodeStatus(id, StatusCode.OK, 'done')

  async function stat (path: string | null, follow: boolean): Promise<FileEntry | typeof rootEntry> {
    return path === null ? rootEntry : await files.stat(projectId, path, { follow: follow && path !== '' })
  }

  async function find (path: string): Promise<FileEntry | undefined> {
    return await files.stat(projectId, path, { follow: path !== '' }).catch((error: unknown) => {
      if (!(error instanceof errors.FILE_NOT_FOUND)) throw error
      return undefined
    })
  }

  /** One that may be written to; what is above the project's directory may not. */
  function writable (path: Buffer): string {
    if (!mayEdit) throw new errors.VIEW_ONLY()
    const found = toProjectPath(path)
    if (found === null || found === '') throw new errors.FILE_DENIED('the project\'s directory')
    return found
  }

  async function openForWriting (path: string, flags: number, { mode }: FileAttributes): Promise<OpenFile> {
    const has = (flag: number): boolean => (flags & flag) !== 0
    let entry = await find(path)
    if (entry !== undefined && has(OpenFlag.CREAT) && has(OpenFlag.EXCL)) throw new errors.FILE_EXISTS(JSON.stringify(path))
    if (entry === undefined) {
      if (!has(OpenFlag.CREAT)) throw new errors.FILE_NOT_FOUND(JSON.stringify(path))
      // At once, as clients look for it before they write.
      await files.write(projectId, path, { source: NOTHING, condition: 'absent', mode: mode === undefined ? undefined : mode & MODES })
      entry = await files.stat(projectId, path, { follow: true })
    }
    if (entry.type !== 'file') throw new errors.NOT_A_FILE(JSON.stringify(path))
    const isTruncated = has(OpenFlag.TRUNC) && entry.size > 0
    const upload = createUpload({ files, projectId, path, size: isTruncated ? 0 : entry.size, isTruncated, isAppending: has(OpenFlag.APPEND), fileLimit, take: takeUpload })
    return { kind: 'file', path, download: openDownload(path), upload }
  }

  async function openForReading (path: string): Promise<OpenFile> {
    const download = openDownload(path)
    // What is wrong with it is said now.
    await download.read(0, 1)
    return { kind: 'file', path, download, upload: undefined }
  }

  async function setAttributes (path: string, { owner, mode, mtime, size }: FileAttributes): Promise<void> {
    if (owner !== undefined) throw new UnsupportedError('Whose a file is cannot be changed')
    if (size !== undefined) {
      const { upload } = await openForWriting(path, OpenFlag.WRITE, {})
      await upload?.truncate(size)
      await upload?.commit()
    }
    const attributes = toAttributes({ mode, mtime })
    if (Object.keys(attributes).length > 0) await files.setAttributes(projectId, path, attributes)
  }

  async function rename (from: Buffer, to: Buffer, overwrite: boolean): Promise<void> {
    const [path, target] = [writable(from), writable(to)]
    // Elsewhere a directory is replaced with all that it holds.
    if (overwrite && (await find(target))?.type === 'directory') throw new errors.FILE_EXISTS(JSON.stringify(target))
    await files.move(projectId, { path, to: target, overwrite })
  }

  const extended: Readonly<Record<string, Operation>> = {
    async 'posix-rename@openssh.com' (id, { bytes }) {
      await rename(bytes(), bytes(), true)
      return done(id)
    },
    async 'fsync@openssh.com' (id, { bytes }) {
      await handles.file(bytes()).upload?.commit()
      return done(id)
    },
    'limits@openssh.com': async (id) =>
      encodePacket(PacketType.EXTENDED_REPLY, id, u64(MAX_PACKET_BYTES), u64(MAX_CONTENT_BYTES), u64(MAX_CONTENT_BYTES), u64(MOST_HANDLES))
  }

  const operations: Readonly<Record<number, Operation>> = {
    async [PacketType.OPEN] (id, fields) {
      const [given, flags, attributes] = [fields.bytes(), fields.u32(), fields.attributes()]
      handles.checkRoom()
      const isWriting = (flags & ~OpenFlag.READ) !== 0
      const path = isWriting ? writable(given) : toProjectPath(given)
      if (path === null || path === '') throw new errors.NOT_A_FILE('the project\'s directory')
      const file = isWriting ? await openForWriting(path, flags, attributes) : await openForReading(path)
      return encodePacket(PacketType.HANDLE, id, bytesField(handles.add(file)))
    },
    async [PacketType.CLOSE] (id, { bytes }) {
      const handle = handles.remove(bytes())
      if (handle.kind === 'file') await handle.upload?.commit()
      return done(id)
    },
    async [PacketType.READ] (id, { bytes, u64: position, u32: length }) {
      const file = handles.file(bytes())
      const [offset, wanted] = [position(), length()]
      await file.upload?.commit()
      const content = await file.download.read(offset, Math.min(wanted, MAX_CONTENT_BYTES))
      return content.length === 0 ? encodeStatus(id, StatusCode.EOF, 'the end') : encodePacket(PacketType.DATA, id, bytesField(content))
    },
    async [PacketType.WRITE] (id, fields) {
      const file = handles.file(fields.bytes())
      if (file.upload === undefined) throw new errors.BAD_REQUEST('The file was opened for reading')
      await file.upload.write(fields.u64(), fields.bytes())
      file.download = openDownload(file.path)
      return done(id)
    },
    [PacketType.LSTAT]: async (id, { bytes }) => encodePacket(PacketType.ATTRS, id, encodeAttributes(showAttributes(await stat(toProjectPath(bytes()), false)))),
    [PacketType.STAT]: async (id, { bytes }) => encodePacket(PacketType.ATTRS, id, encodeAttributes(showAttributes(await stat(toProjectPath(bytes()), true)))),
    async [PacketType.FSTAT] (id, { bytes }) {
      const { path, upload } = handles.file(bytes())
      const attributes = showAttributes(await stat(path, true))
      return encodePacket(PacketType.ATTRS, id, encodeAttributes({ ...attributes, size: upload?.size() ?? attributes.size }))
    },
    async [PacketType.SETSTAT] (id, fields) {
      await setAttributes(writable(fields.bytes()), fields.attributes())
      return done(id)
    },
    async [PacketType.FSETSTAT] (id, fields) {
      const { path, upload } = handles.file(fields.bytes())
      const attributes = fields.attributes()
      if (upload === undefined) {
        await setAttributes(writable(Buffer.from(path)), attributes)
        return done(id)
      }
      if (attributes.owner !== undefined) throw new UnsupportedError('Whose a file is cannot be changed')
      if (attributes.size !== undefined) await upload.truncate(attributes.size)
      upload.setAttributes(toAttributes(attributes))
      return done(id)
    },
    async [PacketType.OPENDIR] (id, { bytes }) {
      const path = toProjectPath(bytes())
      handles.checkRoom()
      if ((await stat(path, true)).type !== 'directory') throw new errors.BAD_REQUEST('This is no directory')
      return encodePacket(PacketType.HANDLE, id, bytesField(handles.add({ kind: 'directory', path, after: undefined, isOver: false })))
    },
    async [PacketType.READDIR] (id, { bytes }) {
      const directory = handles.directory(bytes())
      const names = directory.isOver ? [] : await listNext(directory.path, directory.after)
      directory.after = names.at(-1)?.path
      directory.isOver = names.length < NAMES_AT_ONCE
      return names.length === 0 ? encodeStatus(id, StatusCode.EOF, 'the end') : encodeNames(id, names.map(({ shown }) => shown))
    },
    async [PacketType.REMOVE] (id, { bytes }) {
      await files.removeOne(projectId, writable(bytes()), 'file')
      return done(id)
    },
    async [PacketType.RMDIR] (id, { bytes }) {
      await files.removeOne(projectId, writable(bytes()), 'directory')
      return done(id)
    },
    async [PacketType.MKDIR] (id, fields) {
      const path = writable(fields.bytes())
      const { mode } = fields.attributes()
      await files.makeDirectory(projectId, path, mode === undefined ? {} : { mode: mode & MODES })
      return done(id)
    },
    async [PacketType.RENAME] (id, { bytes }) {
      await rename(bytes(), bytes(), false)
      return done(id)
    },
    async [PacketType.READLINK] (id, { bytes }) {
      const entry = await stat(toProjectPath(bytes()), false)
      if (!('target' in entry) || entry.target === undefined) throw new errors.BAD_REQUEST('This is no symbolic link')
      return encodeNames(id, [{ name: entry.target, longName: entry.target }])
    },
    // OpenSSH has the two the other way round than the draft, and all others have followed it.
    async [PacketType.SYMLINK] (id, { bytes }) {
      const [target, path] = [Buffer.from(bytes()), bytes()]
      await files.link(projectId, writable(path), target)
      return done(id)
    },
    async [PacketType.REALPATH] (id, { bytes }) {
      const path = resolvePath(bytes())
      return encodeNames(id, [{ name: path, longName: path }])
    },
    async [PacketType.EXTENDED] (id, fields) {
      const name = fields.bytes().toString()
      const operation = Object.hasOwn(extended, name) ? extended[name] : undefined
      if (operation === undefined) throw new UnsupportedError('There is no such request')
      return await operation(id, fields)
    }
  }

  async function listNext (path: string | null, after: Buffer | undefined) {
    if (path === null) {
      const project = await stat('', false)
      return [{ path: Buffer.alloc(0), shown: showName(project, Buffer.from('workspace')) }]
    }
    const entries = await files.entries(projectId, path, { limit: NAMES_AT_ONCE, after })
    return entries.map((entry) => ({ path: entry.path, shown: showEntry(entry) }))
  }

  return { operations, abandonAll: (): void => handles.abandonAll() }
}

function toAttributes ({ mode, mtime }: { mode?: number | undefined, mtime?: number | undefined }): { mode?: number, mtimeNs?: bigint } {
  return { ...(mode === undefined ? {} : { mode: mode & MODES }), ...(mtime === undefined ? {} : { mtimeNs: BigInt(mtime) * NS_PER_S }) }
}
