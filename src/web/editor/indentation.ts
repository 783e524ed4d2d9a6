const TAB = '\t'
const LINES = 2_000

const FOUR = new Set(['py', 'pyi', 'rs', 'cs', 'java', 'php', 'swift', 'kt', 'scala', 'pl', 'pm'])
const TABS = new Set(['go', 'mk'])
const TAB_NAMES = new Set(['makefile', 'gnumakefile'])

/** What one step of indentation is in a file: what its text uses, else what its language is written with. */
export function indentationOf (fileName: string, text: string): string {
  const name = fileName.toLowerCase()
  // No other character is one there.
  if (TAB_NAMES.has(name) || name.endsWith('.mk')) return TAB
  return usedIn(text) ?? usualIn(name)
}

function usualIn (name: string): string {
  const extension = name.slice(name.lastIndexOf('.') + 1)
  if (TABS.has(extension)) return TAB
  return FOUR.has(extension) ? '    ' : '  '
}

/** The step that most lines are deeper by than the one before; undefined where too few are indented to tell. */
function usedIn (text: string): string | undefined {
  const steps = new Map<string, number>()
  let before = 0
  for (const line of text.split('\n', LINES)) {
    const indent = /^[\t ]*(?=\S)/.exec(line)?.[0]
    if (indent === undefined) continue
    const deeper = indent.length - before
    before = indent.length
    const step = indent.startsWith(TAB) ? TAB : [2, 4, 8].includes(deeper) ? ' '.repeat(deeper) : undefined
    if (step !== undefined && deeper > 0) steps.set(step, (steps.get(step) ?? 0) + 1)
  }
  return [...steps].sort(([, a], [, b]) => b - a)[0]?.[0]
}
