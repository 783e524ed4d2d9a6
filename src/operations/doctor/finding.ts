/** One thing that was looked at: `weak` works, with less than there could be. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'weak' | 'broken'
  readonly found: string
  /** What to do about it, where it is not ok. */
  readonly advice?: string
}

export const ok = (name: string, found: string): Finding => ({ name, state: 'ok', found })
export const weak = (name: string, found: string, advice: string): Finding => ({ name, state: 'weak', found, advice })
export const broken = (name: string, found: string, advice: string): Finding => ({ name, state: 'broken', found, advice })

export function renderFindings (findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length))
  return findings.map(({ name, state, found, advice }) =>
    `${state.padEnd(6)}  ${name.padEnd(width)}  ${found}\n${advice === undefined ? '' : `${' '.repeat(width + 10)}-> ${advice}\n`}`).join('')
}
