import { errors } from '../../../errors.ts'
import { plainText } from '../clone/progress.ts'

const REASONS: ReadonlyArray<readonly [RegExp, (name?: string) => Error]> = [
  [/^fatal: not a git repository/m, () => new errors.REPOSITORY_NOT_FOUND()],
  [/\.lock': File exists|^(fatal|error): cannot lock ref/m, () => new errors.GIT_BUSY()],
  [/^error: No such remote/m, () => new errors.REMOTE_NOT_FOUND()],
  [/^fatal: (?:invalid reference: |not a valid object name: '|couldn't find remote ref )([^'\s]{1,300})/im, noRef],
  [/^error: (?:branch '|remote-tracking branch '|src refspec )([^'\s]{1,300})(?:' not found| does not match any)/im, noRef],
  [/No rebase in progress/, () => new errors.GIT_FAILED('There is no merge and no rebase to be taken back')],
  [/\[rejected\]/, () => new errors.GIT_REJECTED()],
  [/could not read (Username|Password)|Authentication failed|terminal prompts disabled|Permission denied \(publickey|Host key verification failed|The requested URL returned error: 403/i, () => new errors.GIT_AUTHENTICATION()],
  [/^(fatal|error): (unable to access|unable to look up|unable to connect|could not read from remote)|Could not resolve host|repository [^\n]{0,300}(not found|does not exist)|does not appear to be a git repository/im, () => new errors.GIT_FAILED('The remote cannot be reached, or has no such repository')],
  [/nothing to commit|nothing added to commit|no changes added to commit/, () => new errors.GIT_FAILED('There is nothing to commit. Stage something first')],
  [/Please tell me who you are|empty ident name|no email was given/i, () => new errors.BAD_REQUEST('Git does not know who the author is. Send "author": {name, email}')],
  [/Not possible to fast-forward|Diverging branches/i, () => new errors.GIT_FAILED('Both sides have commits that the other has not got. Say "strategy": "merge" or "rebase"')],
  [/^CONFLICT |could not apply|Automatic merge failed/m, () => new errors.GIT_CONFLICT()]
]
const LINES = 5

function noRef (name = ''): Error {
  return new errors.REF_NOT_FOUND(JSON.stringify(plainText(name).replace(/^refs\/heads\//, '')))
}

/** Why a command failed, from what git and the repository's hooks have printed. */
export function explainGitFailure (printed: string): Error {
  for (const [pattern, create] of REASONS) {
    const found = pattern.exec(printed)
    if (found !== null) return create(found[1])
  }
  const lines = printed.split('\n').map(plainText).filter((line) => line !== '' && !line.startsWith('hint: '))
  const said = lines.filter((line) => /^(fatal|error): /.test(line))
  const shown = (said.length > 0 ? said : lines).slice(0, LINES).map((line) => line.replace(/^(fatal|error): /, ''))
  return new errors.GIT_FAILED(shown.length === 0 ? 'Git failed without saying why' : `Git says: ${shown.join('; ')}`)
}
