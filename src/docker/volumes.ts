import type { CallOptions, Filters, Outcome } from './options.ts'
import type { Transport } from './transport.ts'
import type { Volume, VolumeCreateBody } from './types/volume.ts'

export function createVolumes (transport: Transport) {
  return {
    /** Returns the existing volume if there is one of that name, whatever its labels. */
    async create (body: VolumeCreateBody, options?: CallOptions): Promise<Volume> {
      return transport.json('volumeCreate', { body }, options)
    },

    async inspect (name: string, options?: CallOptions): Promise<Volume> {
      return transport.json('volumeInspect', { params: { id: name } }, options)
    },

    async list (filters?: Filters, options?: CallOptions): Promise<Volume[]> {
      const { Volumes } = await transport.json<{ Volumes: Volume[] | null }>('volumeList', { query: { filters } }, options)
      return Volumes ?? []
    },

    /** 409 while a container uses it, a stopped one too. */
    async remove (name: string, remove: { force?: boolean } = {}, options?: CallOptions): Promise<Outcome> {
      const { alreadySo } = await transport.call('volumeRemove', { params: { id: name }, query: { force: remove.force } }, options)
      return { alreadySo }
    }
  }
}
