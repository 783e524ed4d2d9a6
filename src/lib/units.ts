const durationUnits: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const sizeUnits: Record<string, number> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** Milliseconds from `1500`, `1500ms`, `30s`, `10m`, `2h` or `7d`; undefined if it is none of these. */
export function parseDuration (text: string): number | undefined {
  const match = /^(\d+)(ms|s|m|h|d)?$/.exec(text.trim())
  if (match === null) return undefined
  return Number(match[1]) * (durationUnits[match[2] ?? 'ms'] ?? 1)
}

/** Bytes from `4096`, `64k`, `512m`, `512MB` or `1GiB`, in powers of 1024; undefined if it is none of these. */
export function parseSize (text: string): number | undefined {
  const match = /^(\d+)(?:(b|k|m|g)(?:i?b)?)?$/.exec(text.trim().toLowerCase())
  if (match === null) return undefined
  return Number(match[1]) * (sizeUnits[match[2] ?? 'b'] ?? 1)
}
