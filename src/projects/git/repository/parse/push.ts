export const updateResults = ['new', 'updated', 'forced', 'deleted', 'up_to_date', 'rejected'] as const

export interface PushedRef {
  readonly from: string
  readonly to: string
  readonly result: typeof updateResults[number]
  /** In git's words. */
  readonly summary: string
}

const RESULTS: Readonly<Record<string, PushedRef['result']>> = { ' ': 'updated', '+': 'forced', '-': 'deleted', '*': 'new', '=': 'up_to_date', '!': 'rejected' }

/** Reads `git push --porcelain`, a line for each ref among others: `<flag>\t<from>:<to>\t<summary>`. */
export function parsePush (output: Buffer): PushedRef[] {
  return output.toString().split('\n').flatMap((line) => {
    const [flag = '', refs = '', summary = ''] = line.split('\t')
    const result = flag.length === 1 ? RESULTS[flag] : undefined
    const colon = refs.indexOf(':')
    return result === undefined || colon === -1 ? [] : [{ from: refs.slice(0, colon), to: refs.slice(colon + 1), result, summary }]
  })
}
