import { isSource } from '../../programs/language-sources.ts'
import type { PlannedFile } from '../../programs/source-files.ts'
import type { Runtime } from '../../sandbox/images/catalogue.ts'

// Patterns take linear time, and still a request must not keep the event loop for long.
const SEARCHED_BYTES = 512 * 1024

/** What the language's patterns find in a program's sources, one line for each pattern and file: `main.py: …`. */
export function findPolicyMatches (language: Pick<Runtime, 'policy' | 'extension' | 'extensions'>, main: string, files: readonly PlannedFile[]): string[] {
  const { policy = [] } = language
  if (policy.length === 0) return []
  const rules = policy.map(({ pattern, message }) => ({ expression: new RegExp(pattern, 'm'), message }))
  let left = SEARCHED_BYTES
  return files
    .filter(({ path }) => path === main || isSource(path, language))
    .flatMap(({ path, content }) => {
      const searched = content.subarray(0, left)
      left -= searched.length
      const source = searched.toString()
      return rules.filter(({ expression }) => expression.test(source)).map(({ message }) => `${path}: ${message}`)
    })
}
