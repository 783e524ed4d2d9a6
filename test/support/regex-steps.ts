import { RegExpParser, type AST } from '@eslint-community/regexpp'

type Continue = (at: number) => boolean
type Matcher = (at: number, next: Continue) => boolean

/** How many characters and places a backtracking engine looks at in the search for an expression with the flag `m`: the same on every machine. */
export function countSteps (source: string, text: string): number {
  let steps = 0
  const matches = compile(new RegExpParser().parsePattern(source))
  for (let start = 0; start <= text.length; start++) if (matches(start, () => true)) break
  return steps

  function compile (node: AST.Node): Matcher {
    if (node.type === 'Alternative') return compileSequence(node)
    if (node.type === 'Assertion') return compileAssertion(node)
    if (node.type === 'Quantifier') return compileQuantifier(node)
    if (node.type === 'Pattern' || node.type === 'Group' || node.type === 'CapturingGroup') return compileChoice(node.alternatives)
    if (!isCharacter(node)) throw new Error(`${node.raw} cannot be counted`)
    const isOne = compileCharacter(node)
    return (at, next) => isOne(at) && next(at + 1)
  }

  function compileChoice (nodes: readonly AST.Alternative[]): Matcher {
    const alternatives = nodes.map((node) => compile(node))
    return (at, next) => alternatives.some((alternative) => alternative(at, next))
  }

  function compileSequence (node: AST.Alternative): Matcher {
    const elements = node.elements.map((element) => compile(element))
    const from = (index: number, at: number, next: Continue): boolean => elements[index]?.(at, (after) => from(index + 1, after, next)) ?? next(at)
    return (at, next) => from(0, at, next)
  }

  function compileCharacter ({ raw }: AST.Node): (at: number) => boolean {
    const expression = new RegExp(`^${raw}$`)
    const known = new Map<string, boolean>()
    return (at) => {
      steps++
      const character = text[at]
      if (character === undefined) return false
      const isKnown = known.get(character) ?? expression.test(character)
      known.set(character, isKnown)
      return isKnown
    }
  }

  function compileAssertion (node: AST.Assertion): Matcher {
    if (node.kind === 'lookahead') {
      const isAhead = compileChoice(node.alternatives)
      return (at, next) => isAhead(at, () => true) !== node.negate && next(at)
    }
    const isWord = (at: number): boolean => /^\w$/.test(text[at] ?? '')
    const holds = {
      start: (at: number) => at === 0 || text[at - 1] === '\n',
      end: (at: number) => at === text.length || text[at] === '\n',
      word: (at: number) => isWord(at - 1) !== isWord(at)
    }
    if (node.kind === 'lookbehind') throw new Error(`${node.raw} cannot be counted`)
    const isThere = holds[node.kind]
    return (at, next) => {
      steps++
      return isThere(at) && next(at)
    }
  }

  function compileQuantifier ({ element, min, max, greedy, raw }: AST.Quantifier): Matcher {
    if (!greedy) throw new Error(`${raw} cannot be counted`)
    if (isCharacter(element)) {
      const isOne = compileCharacter(element)
      return (at, next) => {
        let count = 0
        while (count < max && isOne(at + count)) count++
        for (; count >= min; count--) {
          steps++
          if (next(at + count)) return true
        }
        return false
      }
    }
    const once = compile(element)
    const more = (count: number, at: number, next: Continue): boolean =>
      (count < max && once(at, (after) => after > at && more(count + 1, after, next))) || (count >= min && next(at))
    return (at, next) => more(0, at, next)
  }
}

function isCharacter ({ type }: AST.Node): boolean {
  return type === 'Character' || type === 'CharacterSet' || type === 'CharacterClass'
}

/** How much more there is to do for twice as much text made of a piece, behind which comes what an expression may look for. */
export function growthOf (source: string, piece: string, { end = '', bytes = 16_384 } = {}): number {
  const steps = (length: number): number => countSteps(source, piece.repeat(Math.ceil(length / piece.length)) + end)
  return steps(2 * bytes) / steps(bytes)
}
