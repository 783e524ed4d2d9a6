import type { Runtime } from '../../src/sandbox/images/catalogue.ts'

/** What a bench has measured of a language, as it is shown. */
export interface Measured {
  readonly version: string
  readonly warm: string
  readonly compiler: string
  readonly cold: string
  readonly addedMb: string
}

const UNMEASURED: Measured = { version: '', warm: '', compiler: '', cold: '', addedMb: '' }
const HEAD = ['language', '', 'version', 'other names', '', 'warm, ms', 'of it the compiler', 'cold, ms', 'MB']
const TOTAL = /^All together, with what they share: (?<total>[\d.]+) GB\.$/m

/** The languages of the catalogue, each with what was measured of it last. */
export function languageTable (runtimes: readonly Runtime[], measured: ReadonlyMap<string, Measured>, totalGb: string): string {
  const rows = runtimes.map(({ language, name, aliases, kind }) => {
    const { version, warm, compiler, cold, addedMb } = measured.get(language) ?? UNMEASURED
    return [`\`${language}\``, name, version, aliases.map((alias) => `\`${alias}\``).join(', '), kind, warm, compiler, cold, addedMb]
  })
  const table = [HEAD, HEAD.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return [...table, '', `All together, with what they share: ${totalGb} GB.`].join('\n')
}

/** What an earlier table holds. */
export function readMeasured (markdown: string): { measured: Map<string, Measured>, totalGb: string } {
  const measured = new Map<string, Measured>()
  for (const [, language = '', rest = ''] of markdown.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)) {
    const [, version = '', , , warm = '', compiler = '', cold = '', addedMb = ''] = rest.split('|').map((cell) => cell.trim())
    measured.set(language, { version, warm, compiler, cold, addedMb })
  }
  return { measured, totalGb: TOTAL.exec(markdown)?.groups?.['total'] ?? '' }
}
