import type { HijackedConnection } from '../hijack.ts'
import type { CallOptions } from '../options.ts'
import { createOutputStreams, createStdioStream, type OutputStreams, type StdioStream } from '../stdio-stream.ts'
import { harmlessDetachKeys } from '../terminal.ts'
import type { Transport } from '../transport.ts'

export interface AttachOptions {
  stdin?: boolean
  stdout?: boolean
  stderr?: boolean
  /** Begin with what was written before. */
  logs?: boolean
  /** Must be what the container was created with: it decides whether the stream is framed. */
  tty?: boolean
  detachKeys?: string
}

export interface LogsOptions {
  follow?: boolean
  stdout?: boolean
  stderr?: boolean
  /** Must be what the container was created with: it decides whether the stream is framed. */
  tty?: boolean
  /** So many lines from the end; default all. */
  tail?: number
  /** Unix seconds, with a fraction if need be. */
  since?: number
  until?: number
  timestamps?: boolean
}

export function createStdio (transport: Transport) {
  /** The bare connection, for whoever decodes frames itself (`createFrameDecoder`) and counts microseconds. */
  async function attachRaw (id: string, attach: AttachOptions = {}, options?: CallOptions): Promise<HijackedConnection> {
    const { stdin = true, stdout = true, stderr = true, logs, tty = false, detachKeys = tty ? harmlessDetachKeys : undefined } = attach
    return transport.hijack('containerAttach', { params: { id }, query: { stream: true, stdin, stdout, stderr, logs, detachKeys } }, options)
  }

  return {
    attachRaw,

    /** The streams of the main process from here on. Attach before start, or the first output is lost. */
    async attach (id: string, attach: AttachOptions = {}, options?: CallOptions): Promise<StdioStream> {
      return createStdioStream(await attachRaw(id, attach, options), 'containerAttach', attach.tty ?? false)
    },

    async logs (id: string, logs: LogsOptions = {}, options?: CallOptions): Promise<OutputStreams> {
      const { follow, stdout = true, stderr = true, tty = false, tail, since, until, timestamps } = logs
      const query = { follow, stdout, stderr, tail, since, until, timestamps }
      const { body } = await transport.stream('containerLogs', { params: { id }, query }, options)
      return createOutputStreams(body, { operation: 'containerLogs', tty })
    }
  }
}
