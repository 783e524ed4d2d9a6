import { buffer } from 'node:stream/consumers'
import tar from 'tar-stream'

export interface TarMember {
  name: string
  type?: tar.Header['type']
  content?: string | Buffer
  linkname?: string
  mode?: number
  mtime?: Date
  pax?: Record<string, string>
  /** What the header says, whatever comes. */
  size?: number
}

/** A tar as a friendly or a hostile client may send it. */
export async function makeTar (members: readonly TarMember[]): Promise<Buffer> {
  const pack = tar.pack()
  for (const { content = '', type = 'file', mtime = new Date(1_700_000_000_000), ...header } of members) {
    if (type === 'file') pack.entry({ ...header, mtime, type }, content)
    else pack.entry({ ...header, mtime, type })
  }
  pack.finalize()
  return await buffer(pack)
}

/** One block of a tar, with whatever is in its fields and a correct checksum. */
export function rawHeader ({ name, typeflag = '0', size = '0', magic = 'ustar\0' + '00' }: { name: string, typeflag?: string, size?: string | Buffer, magic?: string }): Buffer {
  const block = Buffer.alloc(512)
  block.write(name, 0, 100, 'latin1')
  block.write('0000644\0', 100)
  if (typeof size === 'string') block.write(size.padStart(11, '0'), 124)
  else size.copy(block, 124)
  block.write(typeflag, 156)
  block.write(magic, 257, 'latin1')
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

export const endOfTar = Buffer.alloc(1024)
