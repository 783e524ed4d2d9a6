import { COMMON_WORDS } from './common-words.ts'

export const PASSWORD_MIN = 10
export const PASSWORD_MAX = 200

const KEYBOARD_ROWS = ['01234567890', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'qazwsxedcrfvtgbyhnujmikolp', '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p']
const LOOKALIKES: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's', '!': 'i' }
const RUN_MIN = 4
const OWN_CHARACTERS_MIN = 4

/**
 * Tells whether a password is among what is tried first: common words and names with digits around them, runs along the
 * keyboard, repetitions, or the account's own name. What is left when all of that is taken away must be worth something.
 * A list of passwords would not do: the lists that there are hold few of ten characters, and those are made this way.
 */
export function isCommonPassword (password: string, email: string): boolean {
  const folded = password.normalize('NFKC').toLowerCase()
  if (new Set(folded).size < OWN_CHARACTERS_MIN) return true
  const unit = repeatedUnit(folded)
  const own = (email.split('@')[0] ?? '').toLowerCase().split(/[^a-z0-9]+/).filter((part) => part.length >= RUN_MIN)
  return isWorthless(unit, own) || isWorthless(withoutLookalikes(unit), own)
}

function isWorthless (text: string, own: readonly string[]): boolean {
  let rest = text
  for (const word of [...own, ...COMMON_WORDS]) rest = rest.replaceAll(word, ' ')
  rest = withoutRuns(rest).replace(/\P{L}/gu, '')
  return rest.length < OWN_CHARACTERS_MIN
}

function withoutLookalikes (text: string): string {
  return text.replace(/[013457@$!]/g, (character) => LOOKALIKES[character] ?? character)
}

/** `abc` for `abcabcabc`, and `ab1` for `ab1ab1a`. */
function repeatedUnit (text: string): string {
  for (let length = 1; length <= text.length / 2; length++) {
    const unit = text.slice(0, length)
    if (unit.repeat(Math.ceil(text.length / length)).startsWith(text)) return unit
  }
  return text
}

/** Takes away every run of four or more neighbours on a row, forwards or backwards. */
function withoutRuns (text: string): string {
  let rest = text
  for (const row of KEYBOARD_ROWS.flatMap((row) => [row, [...row].reverse().join('')])) {
    for (let length = row.length; length >= RUN_MIN; length--) {
      for (let start = 0; start + length <= row.length; start++) rest = rest.replaceAll(row.slice(start, start + length), ' ')
    }
  }
  return rest
}
