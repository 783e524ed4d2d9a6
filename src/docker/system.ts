import type { CallOptions } from './options.ts'
import type { Transport } from './transport.ts'
import type { SystemInfo, SystemVersion } from './types/system.ts'

export function createSystem (transport: Transport) {
  return {
    /** Whether the Engine answers, and the newest API version that it speaks. */
    async ping (options?: CallOptions): Promise<{ apiVersion: string | undefined }> {
      const { headers } = await transport.call('ping', {}, options)
      const version = headers['api-version']
      return { apiVersion: typeof version === 'string' ? version : undefined }
    },

    async version (options?: CallOptions): Promise<SystemVersion> {
      return transport.json('version', {}, options)
    },

    async info (options?: CallOptions): Promise<SystemInfo> {
      return transport.json('info', {}, options)
    }
  }
}
