import { defaultDeadlineMs } from '../operations.ts'
import type { CallOptions, Outcome } from '../options.ts'
import type { Transport } from '../transport.ts'
import type { ContainerCreateBody, ContainerCreated, ContainerUpdateBody } from '../types/container.ts'

export interface StopOptions {
  /** How long the process has between the stop signal and SIGKILL; default the container's own, 10 s. */
  timeoutSeconds?: number
}

const engineStopSeconds = 10

export function createLifecycle (transport: Transport) {
  /** The Engine answers only when the process has gone, so the deadline is that much later. */
  function stopRequest (id: string, { timeoutSeconds }: StopOptions, options: CallOptions = {}) {
    const deadlineMs = defaultDeadlineMs + (timeoutSeconds ?? engineStopSeconds) * 1000
    return [{ params: { id }, query: { t: timeoutSeconds } }, { deadlineMs, ...options }] as const
  }

  return {
    /** A signal is heeded before it is sent, not after: the Engine would go on, and nobody know the id of what it has made. */
    async create (body: ContainerCreateBody, create: { name?: string, platform?: string } = {}, { signal, ...options }: CallOptions = {}): Promise<ContainerCreated> {
      const call = { query: { name: create.name, platform: create.platform }, body }
      return transport.json('containerCreate', call, signal?.aborted === true ? { ...options, signal } : options)
    },

    async start (id: string, options?: CallOptions): Promise<Outcome> {
      return outcome(await transport.call('containerStart', { params: { id } }, options))
    },

    async stop (id: string, stop: StopOptions = {}, options?: CallOptions): Promise<Outcome> {
      return outcome(await transport.call('containerStop', ...stopRequest(id, stop, options)))
    },

    /** Sends a signal to the main process; `alreadySo` when the container is not running. */
    async kill (id: string, signalName: string = 'SIGKILL', options?: CallOptions): Promise<Outcome> {
      return outcome(await transport.call('containerKill', { params: { id }, query: { signal: signalName } }, options))
    },

    /** `alreadySo` when it is gone or going. `volumes` removes its anonymous volumes too. */
    async remove (id: string, remove: { force?: boolean, volumes?: boolean } = {}, options?: CallOptions): Promise<Outcome> {
      return outcome(await transport.call('containerRemove', { params: { id }, query: { force: remove.force, v: remove.volumes } }, options))
    },

    async pause (id: string, options?: CallOptions): Promise<Outcome> {
      return outcome(await transport.call('containerPause', { params: { id } }, options))
    },

    async unpause (id: string, options?: CallOptions): Promise<void> {
      await transport.call('containerUnpause', { params: { id } }, options)
    },

    async update (id: string, body: ContainerUpdateBody, options?: CallOptions): Promise<{ Warnings: string[] | null }> {
      return transport.json('containerUpdate', { params: { id }, body }, options)
    }
  }
}

function outcome ({ alreadySo }: Outcome): Outcome {
  return { alreadySo }
}
