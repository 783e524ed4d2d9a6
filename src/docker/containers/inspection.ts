import type { CallOptions, Filters } from '../options.ts'
import type { Transport } from '../transport.ts'
import type { ContainerInspect, ContainerStats, ContainerSummary, ContainerTop } from '../types/container.ts'

export interface ListOptions {
  /** Stopped ones too. */
  all?: boolean
  limit?: number
  filters?: Filters
}

export function createInspection (transport: Transport) {
  return {
    async inspect (id: string, options?: CallOptions): Promise<ContainerInspect> {
      return transport.json('containerInspect', { params: { id } }, options)
    },

    async list (list: ListOptions = {}, options?: CallOptions): Promise<ContainerSummary[]> {
      return transport.json('containerList', { query: { all: list.all, limit: list.limit, filters: list.filters } }, options)
    },

    /** The processes as `ps` on the host sees them. */
    async top (id: string, psArguments?: string, options?: CallOptions): Promise<ContainerTop> {
      return transport.json('containerTop', { params: { id }, query: { ps_args: psArguments } }, options)
    },

    /** One reading, at once. Without `one-shot` the Engine takes two, a second apart. */
    async stats (id: string, options?: CallOptions): Promise<ContainerStats> {
      return transport.json('containerStats', { params: { id }, query: { stream: false, 'one-shot': true } }, options)
    }
  }
}
