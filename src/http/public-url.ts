import type { AddressInfo, Server } from 'node:net'

/** Where browsers find this server, as its operator says, and no request: what is sent out of the server leads there. Once it listens. */
export function publicUrlOf (server: Pick<Server, 'address'>, { publicUrl, domain }: { publicUrl: string | undefined, domain: string }): string {
  return publicUrl?.replace(/\/$/, '') ?? `http://${domain}:${(server.address() as AddressInfo).port}`
}
