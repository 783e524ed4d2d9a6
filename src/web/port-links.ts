import type { ProjectDetails } from './api/types.ts'

/** Where to look at what listens in a project, besides the port that the preview is of. */
export function otherPorts ({ preview, ports }: ProjectDetails): Array<{ port: number, url: string }> {
  if (preview.url === null) return []
  const { url } = preview
  return ports.filter(({ port }) => port !== preview.port).map(({ port }) => ({ port, url: urlOfPort(url, port) }))
}

/** Previews of a project differ by the number that their name begins with. */
export function urlOfPort (previewUrl: string, port: number): string {
  const url = new URL(previewUrl)
  url.hostname = url.hostname.replace(/^\d+(?=--)/, String(port))
  return url.href
}
