import type { CallOptions, Filters, Outcome } from './options.ts'
import type { Transport } from './transport.ts'
import type { Network, NetworkCreateBody } from './types/network.ts'

export function createNetworks (transport: Transport) {
  return {
    async create (body: NetworkCreateBody, options?: CallOptions): Promise<{ Id: string, Warning?: string }> {
      return transport.json('networkCreate', { body }, options)
    },

    async inspect (id: string, options?: CallOptions): Promise<Network> {
      return transport.json('networkInspect', { params: { id } }, options)
    },

    async list (filters?: Filters, options?: CallOptions): Promise<Network[]> {
      return transport.json('networkList', { query: { filters } }, options)
    },

    /** 403 while a running container is connected. */
    async remove (id: string, options?: CallOptions): Promise<Outcome> {
      const { alreadySo } = await transport.call('networkRemove', { params: { id } }, options)
      return { alreadySo }
    }
  }
}
