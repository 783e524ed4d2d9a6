import { previewHostname, type PreviewAddress } from './address.ts'

/** How browsers find this server: what they are redirected to between the API's name and the previews'. */
export interface Origins {
  /** Of the API, as seen by whoever asked under this `Host`. */
  readonly api: (askedHost?: string) => string
  readonly preview: (address: PreviewAddress, askedHost?: string) => string
}

/**
 * `publicUrl` says it all. Without one we are reached as we listen, or through somebody's port forwarding: then the port
 * that was asked for counts.
 */
export function createOrigins ({ domain, publicUrl, listeningPort }: {
  domain: string
  publicUrl: string | undefined
  listeningPort: () => number
}): Origins {
  function base (askedHost: string | undefined): { protocol: string, host: string, port: string } {
    if (publicUrl !== undefined) {
      const { protocol, hostname, port } = new URL(publicUrl)
      return { protocol, host: hostname, port }
    }
    const asked = askedHost === undefined ? undefined : /:(\d+)$/.exec(askedHost)?.[1] ?? ''
    return { protocol: 'http:', host: domain, port: asked ?? String(listeningPort()) }
  }

  const join = (protocol: string, host: string, port: string): string => `${protocol}//${host}${port === '' ? '' : `:${port}`}`

  return {
    api (askedHost) {
      const { protocol, host, port } = base(askedHost)
      return join(protocol, host, port)
    },
    preview (address, askedHost) {
      const { protocol, port } = base(askedHost)
      return join(protocol, previewHostname(address, domain), port)
    }
  }
}
