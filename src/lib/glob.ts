/** What matching may cost: shared by all globs and names of one request, and counted down as they are compared. */
export interface MatchBudget {
  left: number
}

export interface Glob {
  /** Whether the path matches; false as well once the budget is used up. */
  readonly matches: (path: string, budget: MatchBudget) => boolean
}

type Token =
  | { readonly kind: 'letter', readonly letter: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'class', readonly isNegated: boolean, readonly ranges: ReadonlyArray<readonly [string, string]> }

type Part = 'any depth' | readonly Token[]

const MAX_ALTERNATIVES = 64

/**
 * A glob on paths: `*` and `?` within a name, `**` for any number of directories, `[a-z]`, `[!a-z]`, `{a,b}`, and `\` before
 * what is meant literally. Undefined when its braces stand for more than 64 globs. Where a glob does not fit, only its last
 * star takes more, so that the work is at most the glob's length times the path's.
 */
export function compileGlob (glob: string): Glob | undefined {
  const alternatives = expandBraces(glob)
  if (alternatives === undefined) return undefined
  const compiled = alternatives.map((alternative) => splitParts(alternative).map(compilePart))
  return { matches: (path, budget) => compiled.some((parts) => matchesPath(parts, path.split('/'), budget)) }
}

/** `a{b,c}` as `ab` and `ac`. Braces without a partner or a comma stand for themselves. */
function expandBraces (glob: string): string[] | undefined {
  const done: string[] = []
  const left = [glob]
  while (left.length > 0) {
    if (done.length + left.length > MAX_ALTERNATIVES) return undefined
    const next = left.pop() as string
    const braces = findBraces(next)
    if (braces === undefined) done.push(next)
    else left.push(...braces)
  }
  return done
}

/** The alternatives of the first pair of braces that has no other in it. */
function findBraces (glob: string): string[] | undefined {
  let open = -1
  let commas: number[] = []
  for (let at = 0; at < glob.length; at++) {
    const letter = glob[at]
    if (letter === '\\') at++
    else if (letter === '{') [open, commas] = [at, []]
    else if (letter === ',' && open >= 0) commas.push(at)
    else if (letter === '}' && open >= 0) {
      if (commas.length > 0) return [open, ...commas].map((from, i) => glob.slice(0, open) + glob.slice(from + 1, commas[i] ?? at) + glob.slice(at + 1))
      open = -1
    }
  }
  return undefined
}

function splitParts (glob: string): string[] {
  return (glob.startsWith('./') ? glob.slice(2) : glob).split('/')
}

function compilePart (part: string): Part {
  if (part === '**') return 'any depth'
  const tokens: Token[] = []
  for (let at = 0; at < part.length; at++) {
    const letter = part[at] as string
    const end = letter === '[' ? part.indexOf(']', at + 2) : -1
    if (letter === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' })
    } else if (letter === '?') tokens.push({ kind: 'any' })
    else if (end > 0) {
      tokens.push(compileClass(part.slice(at + 1, end)))
      at = end
    } else tokens.push({ kind: 'letter', letter: letter === '\\' ? part[++at] ?? '\\' : letter })
  }
  return tokens
}

function compileClass (text: string): Token {
  const isNegated = text.startsWith('!') || text.startsWith('^')
  const letters = isNegated ? text.slice(1) : text
  const ranges: Array<[string, string]> = []
  for (let at = 0; at < letters.length; at++) {
    const first = letters[at] as string
    const last = letters[at + 1] === '-' ? letters[at + 2] : undefined
    ranges.push([first, last ?? first])
    if (last !== undefined) at += 2
  }
  return { kind: 'class', isNegated, ranges }
}

function matchesPath (parts: readonly Part[], names: readonly string[], budget: MatchBudget): boolean {
  return matchesWithLastStar(parts.length, names.length, budget, (i) => parts[i] === 'any depth', (i, j) => matchesName(parts[i] as readonly Token[], names[j] as string, budget))
}

function matchesName (tokens: readonly Token[], name: string, budget: MatchBudget): boolean {
  return matchesWithLastStar(tokens.length, name.length, budget, (i) => tokens[i]?.kind === 'star', (i, j) => matchesLetter(tokens[i] as Token, name[j] as string, budget))
}

function matchesLetter (token: Token, letter: string, budget: MatchBudget): boolean {
  if (token.kind === 'letter') return token.letter === letter
  if (token.kind !== 'class') return token.kind === 'any'
  budget.left -= token.ranges.length
  return token.ranges.some(([first, last]) => first <= letter && letter <= last) !== token.isNegated
}

/** Earlier stars never need to take more than they have: what fits after the last one fits further on as well. */
function matchesWithLastStar (patterns: number, items: number, budget: MatchBudget, isStar: (i: number) => boolean, matches: (i: number, j: number) => boolean): boolean {
  let i = 0
  let j = 0
  let afterStar = -1
  let again = 0
  while (j < items) {
    if (--budget.left < 0) return false
    if (i < patterns && isStar(i)) {
      afterStar = ++i
      again = j
    } else if (i < patterns && matches(i, j)) {
      i++
      j++
    } else if (afterStar >= 0) {
      i = afterStar
      j = ++again
    } else return false
  }
  while (i < patterns && isStar(i)) i++
  return i === patterns
}
