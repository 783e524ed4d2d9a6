import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { errors } from '../../../errors.ts'
import { checkRatio } from './ratio.ts'

/** The bytes behind gzip. Throws BAD_ARCHIVE where it is broken, and what `check` throws where it is a bomb. */
export async function * gunzip (source: AsyncIterable<Buffer>, check: (bytes: { compressed: number, expanded: number }) => void = checkRatio): AsyncGenerator<Buffer> {
  let [compressed, expanded] = [0, 0]
  let failure: Error | undefined

  async function * watched (): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of source) {
        compressed += chunk.length
        yield chunk
      }
    } catch (error) {
      failure = error as Error
      throw error
    }
  }

  const unzipped = pipeline(Readable.from(watched()), createGunzip(), () => undefined)
  try {
    for await (const chunk of unzipped as AsyncIterable<Buffer>) {
      expanded += chunk.length
      check({ compressed, expanded })
      yield chunk
    }
  } catch (error) {
    if (isOurs(error)) throw error
    throw failure ?? new errors.BAD_ARCHIVE(`it is no whole gzip (${error instanceof Error ? error.message : 'broken'})`)
  }
}

/** Of a check, as opposed to zlib's. */
function isOurs (error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error
}
