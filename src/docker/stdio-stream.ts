import { Readable, Writable } from 'node:stream'
import { DockerError, errorFromCause } from './errors.ts'
import { createFrameDecoder, FrameError, frameType, type FramePieceHandler } from './frames.ts'
import type { HijackedConnection } from './hijack.ts'

export interface OutputStreams {
  /** Everything that the process wrote, if it has a TTY. */
  stdout: Readable
  /** Empty if the process has a TTY. */
  stderr: Readable
  /**
   * Settles once the connection is gone: resolves after a clean end or `destroy()`, rejects with a DockerError when output
   * was lost. A clean end does not say how the process ended, nor that it did: ask `wait` or `inspect`.
   */
  closed: Promise<void>
  destroy: (error?: Error) => void
}

/**
 * The standard streams of a process. Memory stays bounded because the connection stops while stdout *or* stderr is full:
 * read both, or `destroy()` the one that you do not want, and it is read and discarded. After the process has exited, the
 * Engine gives a stopped connection two seconds and then cuts it.
 */
export interface StdioStream extends OutputStreams {
  /** `end()` half-closes. On a TTY that detaches and the process lives on: send 0x04 instead. */
  stdin: Writable
}

interface OutputOptions {
  operation: string
  tty: boolean
  /** Whether a reset of the connection is what the end looks like. */
  isResetExpected?: () => boolean
}

const highWaterMark = 64 * 1024
const daemonErrorLimitBytes = 64 * 1024

export function createStdioStream ({ socket, isPipeBroken }: HijackedConnection, operation: string, tty: boolean): StdioStream {
  // An Engine that closes with our input unread resets the connection: the process ended first, nothing of its output is lost.
  const isResetExpected = () => isPipeBroken() || hasWritten
  let hasWritten = false
  const outputs = createOutputStreams(socket, { operation, tty, isResetExpected })

  const stdin = new Writable({
    write (chunk: Buffer, _encoding, callback) {
      hasWritten = true
      socket.write(chunk, callback)
    },
    final (callback) {
      socket.end(callback)
    }
  })
  stdin.on('error', ignore)
  const destroyStdin = () => stdin.destroy()
  outputs.closed.then(destroyStdin, destroyStdin)
  return { ...outputs, stdin }
}

/** Takes a stream of frames (or a TTY's plain bytes) apart into stdout and stderr. Closes `source` at its end. */
export function createOutputStreams (source: Readable, { operation, tty, isResetExpected = () => false }: OutputOptions): OutputStreams {
  const full = new Set<Readable>()
  const stdout = createOutput()
  const stderr = createOutput()
  const { promise: closed, resolve, reject } = withResolvers()
  let failure: Error | undefined
  let hasEnded = false
  let isDestroyed = false
  let isSettled = false

  function createOutput (): Readable {
    const output = new Readable({ highWaterMark, read: () => unblock(output) })
    // An error is in `closed` too, and whoever reads sees it; a stream that nobody reads must not crash the process.
    return output.on('error', ignore).on('close', () => unblock(output))
  }

  function unblock (output: Readable): void {
    full.delete(output)
    if (full.size === 0) source.resume()
  }

  function deliver (output: Readable, piece: Buffer): void {
    if (output.destroyed || output.push(owned(piece))) return
    full.add(output)
    source.pause()
  }

  let daemonError = ''
  const onPiece: FramePieceHandler = (type, piece, remaining) => {
    if (type !== frameType.daemonError) return deliver(type === frameType.stderr ? stderr : stdout, piece)
    if (daemonError.length < daemonErrorLimitBytes) daemonError += piece.toString('utf8')
    if (remaining === 0) throw new DockerError({ code: 'server_error', operation, daemonMessage: daemonError, message: daemonError })
  }
  const decoder = createFrameDecoder(onPiece)
  const consume = tty ? (chunk: Buffer) => deliver(stdout, chunk) : decoder.push

  function onData (chunk: Buffer): void {
    try {
      consume(chunk)
    } catch (error) {
      destroy(asDockerError(operation, error))
    }
  }

  // A socket that fails while we hold it back still has bytes that it received before.
  function readRest (): void {
    const rest = source.read() as Buffer | null
    if (rest !== null) onData(rest)
  }

  function onClose (): void {
    if (isSettled) return
    isSettled = true
    if (!isDestroyed) failure ??= findLoss()
    if (isDestroyed || failure !== undefined) {
      stdout.destroy(failure)
      stderr.destroy(failure)
    } else {
      stdout.push(null)
      stderr.push(null)
    }
    if (failure === undefined) resolve()
    else reject(failure)
  }

  function findLoss (): Error | undefined {
    const cause: NodeJS.ErrnoException | null = source.errored
    if (cause !== null) readRest()
    if (failure !== undefined) return failure
    const isReset = cause?.code === 'ECONNRESET'
    if (!hasEnded && !(isReset && isResetExpected())) return errorFromCause(operation, cause ?? new Error('the connection was lost'))
    try {
      decoder.end()
      return undefined
    } catch (error) {
      return asDockerError(operation, error)
    }
  }

  function destroy (error?: Error): void {
    isDestroyed = true
    failure ??= error
    source.destroy()
  }

  closed.catch(ignore)
  if (tty) stderr.push(null)
  source.on('error', ignore).on('data', onData).once('close', onClose).once('end', () => {
    hasEnded = true
    // The Engine closes only its writing half; the descriptor stays open until we close ours.
    source.destroy()
  })
  if (source.closed) onClose()
  else source.resume()

  return { stdout, stderr, closed, destroy }
}

/** A few bytes cut from a large chunk would keep all of it alive while they wait to be read. */
function owned (piece: Buffer): Buffer {
  return piece.length * 4 < piece.buffer.byteLength ? Buffer.from(piece) : piece
}

function asDockerError (operation: string, error: unknown): DockerError {
  return error instanceof FrameError
    ? new DockerError({ code: 'protocol', operation, message: error.message, cause: error })
    : errorFromCause(operation, error)
}

function withResolvers () {
  let resolve!: () => void
  let reject!: (error: Error) => void
  const promise = new Promise<void>((_resolve, _reject) => {
    resolve = _resolve
    reject = _reject
  })
  return { promise, resolve, reject }
}

function ignore (): void {}
