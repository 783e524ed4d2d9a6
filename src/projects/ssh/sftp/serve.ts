import type { FastifyBaseLogger } from 'fastify'
import { errors } from '../../../errors.ts'
import type { FileService } from '../../files/service.ts'
import { may } from '../../core/roles.ts'
import type { Lane } from '../line.ts'
import { createSlots } from '../slots.ts'
import type { Guest } from '../sign-in.ts'
import { createOperations, extensions, type Operation } from './operations.ts'
import { encodeStatus, encodeVersion, PacketType, readFields, readPackets, SftpProtocolError, type Fields } from './packets.ts'
import { statusOf, UnsupportedError } from './status.ts'

/** Files that are being written at once: each keeps one of the slots that work on a project's files has, forty in all. */
const UPLOADS = { most: 512, perOwner: 16 }

/**
 * Files of a project by SFTP, one request after the other: no more is taken from a client than is answered. The library has a
 * server for it as well, which takes all that comes, knows names in UTF-8 only, and no extensions.
 */
export function createFileServer ({ files, fileLimit, log }: { files: FileService, fileLimit: number, log: Pick<FastifyBaseLogger, 'error' | 'info'> }) {
  const uploads = createSlots(UPLOADS)

  return async function serveFiles ({ channel, send }: Lane, { guest: { project: { id: projectId, role } }, end }: { guest: Guest, end: () => void }): Promise<void> {
    const { operations, abandonAll } = createOperations({
      files, projectId, fileLimit,
      mayEdit: may(role, 'edit'),
      takeUpload () {
        const release = uploads.acquire(projectId)
        if (release === undefined) throw new errors.FILES_BUSY()
        return release
      }
    })

    async function perform (operation: Operation | undefined, id: number, fields: Fields): Promise<Buffer> {
      try {
        if (operation === undefined) throw new UnsupportedError('There is no such request')
        return await operation(id, fields)
      } catch (error) {
        if (error instanceof SftpProtocolError) throw error
        const { code, message, isOurs, isOver } = statusOf(error)
        if (isOurs) log.error({ err: error, projectId }, 'SFTP request failed')
        if (isOver) end()
        return encodeStatus(id, code, message)
      }
    }

    let isGreeted = false
    async function answer (packet: Buffer): Promise<Buffer> {
      const fields = readFields(packet)
      const type = fields.u8()
      // The version that the client has, and then its extensions, or the number of the request.
      const number = fields.u32()
      if (isGreeted) return await perform(operations[type], number, fields)
      if (type !== PacketType.INIT) throw new SftpProtocolError('a request before the version')
      isGreeted = true
      return encodeVersion(extensions)
    }

    try {
      // Left open at the end: how it has ended is still to be sent.
      const received = channel.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
      for await (const packet of readPackets(received)) {
        if (!await send(await answer(packet))) return
      }
    } catch (error) {
      if (!(error instanceof SftpProtocolError)) throw error
      log.info({ err: error, projectId }, 'SFTP client sent what is none')
    } finally {
      abandonAll()
    }
  }
}
