import type { HijackedConnection } from './hijack.ts'
import type { CallOptions } from './options.ts'
import { createStdioStream, type StdioStream } from './stdio-stream.ts'
import { harmlessDetachKeys } from './terminal.ts'
import type { Transport } from './transport.ts'
import type { ExecCreateBody, ExecInspect } from './types/exec.ts'

export interface ExecStartOptions {
  /** Must be what the exec was created with. */
  tty?: boolean
}

export function createExec (transport: Transport) {
  async function startRaw (id: string, { tty = false }: ExecStartOptions = {}, options?: CallOptions): Promise<HijackedConnection> {
    return transport.hijack('execStart', { params: { id }, body: { Detach: false, Tty: tty } }, options)
  }

  return {
    async create (containerId: string, body: ExecCreateBody, options?: CallOptions): Promise<{ Id: string }> {
      const detachKeys = body.Tty ? { DetachKeys: harmlessDetachKeys } : {}
      return transport.json('execCreate', { params: { id: containerId }, body: { ...detachKeys, ...body } }, options)
    },

    /** The bare connection, for whoever decodes frames itself (`createFrameDecoder`) and counts microseconds. */
    startRaw,

    /**
     * Runs it. A command that cannot be started is no error here: the reason is in the output, the exit code is 126 or 127.
     * The process outlives the connection, and the API cannot kill it.
     */
    async start (id: string, start: ExecStartOptions = {}, options?: CallOptions): Promise<StdioStream> {
      return createStdioStream(await startRaw(id, start, options), 'execStart', start.tty ?? false)
    },

    async startDetached (id: string, { tty = false }: ExecStartOptions = {}, options?: CallOptions): Promise<void> {
      await transport.call('execStartDetached', { params: { id }, body: { Detach: true, Tty: tty } }, options)
    },

    async inspect (id: string, options?: CallOptions): Promise<ExecInspect> {
      return transport.json('execInspect', { params: { id } }, options)
    }
  }
}
