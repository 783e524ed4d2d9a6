import { isUuid } from '../../lib/uuid.ts'

/** A port of a project: what a preview shows. */
export interface PreviewAddress {
  readonly projectId: string
  readonly port: number
}

const LABEL = /^([1-9]\d{0,4})--([0-9a-f-]{36})$/

/**
 * Reads `<port>--<projectId>.<domain>[:port]`. Undefined is none of ours, `invalid` is a name that nothing is served
 * under, not even the API: it looks like a preview's, and there must be one way only to spell each.
 */
export function parsePreviewHost (host: string, domain: string): PreviewAddress | 'invalid' | undefined {
  const name = host.toLowerCase().replace(/:\d*$/, '')
  const label = labelBelow(name.replace(/\.+$/, ''), domain)
  if (label === undefined || !label.includes('--')) return undefined
  const [, port = '', projectId = ''] = LABEL.exec(label) ?? []
  if (name.endsWith('.') || Number(port) < 1 || Number(port) > 65_535 || !isUuid(projectId)) return 'invalid'
  return { projectId, port: Number(port) }
}

function labelBelow (name: string, domain: string): string | undefined {
  return name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : undefined
}

export function previewHostname ({ port, projectId }: PreviewAddress, domain: string): string {
  return `${port}--${projectId}.${domain}`
}
