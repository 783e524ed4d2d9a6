import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import { errors } from '../../../errors.ts'
import { encodeText } from '../../../programs/text.ts'

export type Encoding = 'utf8' | 'base64'

/** Throws BAD_REQUEST for text that no bytes can say, and for what is no base64. */
export function decodeContent (content: string, encoding: Encoding = 'utf8'): Buffer {
  if (encoding === 'utf8') return encodeText('the content', content)
  const bytes = Buffer.from(content, 'base64')
  // Buffer.from skips what is not base64; only what comes back the same was valid.
  if (bytes.toString('base64') !== content) throw new errors.BAD_REQUEST('The content is not valid base64')
  return bytes
}

/** As text where the bytes are that, and nothing else was asked for. */
export function encodeContent (bytes: Buffer, wanted: Encoding = 'utf8'): { content: string, encoding: Encoding } {
  const encoding = wanted === 'utf8' && isUtf8(bytes) ? 'utf8' : 'base64'
  return { content: bytes.toString(encoding), encoding }
}

export async function collect (source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of source) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
