import type { Repository } from '../../core/source/source.ts'
import { plainText } from './progress.ts'

const REASONS: ReadonlyArray<readonly [RegExp, (repository: Repository) => string]> = [
  [/remote branch .* not found|couldn't find remote ref|not our ref|unadvertised object/i, ({ ref }) => `The repository has no branch or tag ${JSON.stringify(ref)}, and no commit with that whole hash`],
  [/could not read username|authentication failed|permission denied|host key verification failed/i, () => 'The repository is private, or not there. Make an empty project and clone with your own credentials in its terminal'],
  [/repository .* not found|does not appear to be a git repository|access denied or repository not exported|error: 40[34]/i, () => 'There is no repository at this address'],
  [/could not resolve host/i, () => 'There is no such host'],
  [/couldn't connect|connection refused|connection timed out|no route to host|network is unreachable|failed to connect/i, () => 'The host cannot be reached'],
  [/no space left|disk quota exceeded|file too large/i, () => 'There is no space left for the files']
]

/** Why a clone failed, for its owner: from what git printed, of which the newest `fatal` or `error` says most. */
export function explainFailure (lines: readonly string[], repository: Repository): string {
  const said = lines.join('\n')
  for (const [pattern, describe] of REASONS) {
    if (pattern.test(said)) return describe(repository)
  }
  const line = lines.findLast((line) => /^(fatal|error): /.test(line)) ?? lines.at(-1)
  return line === undefined ? 'git failed without saying why' : `git says: ${plainText(line)}`
}
