/** Stream types of the Engine's multiplexed output. Standard input never comes back but shares stdout's meaning. */
export const frameType = { stdin: 0, stdout: 1, stderr: 2, daemonError: 3 } as const
export type FrameType = typeof frameType[keyof typeof frameType]

const frameHeaderBytes = 8

/** Receives one piece of a frame's payload, never empty; `remaining` bytes of the same frame are still to come. */
export type FramePieceHandler = (type: FrameType, piece: Buffer, remaining: number) => void

export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/**
 * Takes the stream apart in whatever chunks it arrives. Pieces are views of the chunk, nothing is copied or kept,
 * so a frame that declares 4 GB costs no memory.
 */
export function createFrameDecoder (onPiece: FramePieceHandler) {
  const header = Buffer.alloc(frameHeaderBytes)
  let headerLength = 0
  let type: FrameType = frameType.stdout
  let remaining = 0

  function push (chunk: Buffer): void {
    let offset = 0
    while (offset < chunk.length) {
      if (remaining > 0) {
        const end = Math.min(offset + remaining, chunk.length)
        remaining -= end - offset
        const piece = chunk.subarray(offset, end)
        offset = end
        onPiece(type, piece, remaining)
      } else if (headerLength === 0 && chunk.length - offset >= frameHeaderBytes) {
        readHeader(chunk, offset)
        offset += frameHeaderBytes
      } else {
        const copied = chunk.copy(header, headerLength, offset, offset + frameHeaderBytes - headerLength)
        headerLength += copied
        offset += copied
        if (headerLength === frameHeaderBytes) {
          headerLength = 0
          readHeader(header, 0)
        }
      }
    }
  }

  function readHeader (bytes: Buffer, offset: number): void {
    const first = bytes.readUInt8(offset)
    // Text without frames, as a TTY's, would otherwise be taken for a header with an absurd length.
    if (first > frameType.daemonError || bytes.readUIntBE(offset + 1, 3) !== 0) {
      throw new FrameError('the stream is not framed: this is not a frame header')
    }
    type = first as FrameType
    remaining = bytes.readUInt32BE(offset + 4)
  }

  /** The stream ended. Throws if that was inside a frame: then output was lost. */
  function end (): void {
    if (remaining > 0) throw new FrameError(`the stream ended inside a frame, ${remaining} bytes short`)
    if (headerLength > 0) throw new FrameError('the stream ended inside a frame header')
  }

  return { push, end, isAtBoundary: () => remaining === 0 && headerLength === 0 }
}
