import { describe, expect, it } from 'vitest'
import { gitEnvironment } from '../../../src/projects/git/repository/environment.ts'
import { explainGitFailure } from '../../../src/projects/git/repository/explain.ts'

describe('what a client is told when git fails', () => {
  it.each<[string, string, string]>([
    ['fatal: not a git repository (or any of the parent directories): .git', 'REPOSITORY_NOT_FOUND', 'no git repository'],
    ['fatal: Unable to create \'/workspace/.git/index.lock\': File exists.\n\nAnother git process seems to be running', 'GIT_BUSY', 'Try again'],
    ['error: cannot lock ref \'HEAD\': is at a but expected b', 'GIT_BUSY', 'Try again'],
    ['fatal: could not read Username for \'https://example.org\': terminal prompts disabled', 'GIT_AUTHENTICATION', 'credentials/:host'],
    ['remote: Invalid\nfatal: Authentication failed for \'https://example.org/\'', 'GIT_AUTHENTICATION', 'credentials/:host'],
    ['fatal: unable to access \'https://nowhere/\': Could not resolve host: nowhere', 'GIT_FAILED', 'cannot be reached'],
    ['error: No such remote \'x\'', 'REMOTE_NOT_FOUND', 'remotes'],
    ['fatal: invalid reference: nope', 'REF_NOT_FOUND', '"nope"'],
    ['fatal: not a valid object name: \'nope\'', 'REF_NOT_FOUND', '"nope"'],
    ['fatal: couldn\'t find remote ref refs/heads/nope', 'REF_NOT_FOUND', '"nope"'],
    ['error: branch \'nope\' not found.', 'REF_NOT_FOUND', '"nope"'],
    ['error: src refspec refs/heads/a does not match any\nerror: failed to push some refs', 'REF_NOT_FOUND', '"a"'],
    ['!\trefs/heads/a:refs/heads/a\t[rejected] (fetch first)', 'GIT_REJECTED', 'Pull first'],
    ['On branch main\nnothing to commit, working tree clean', 'GIT_FAILED', 'nothing to commit'],
    ['Auto-merging a\nCONFLICT (content): Merge conflict in a', 'GIT_CONFLICT', 'abort'],
    ['fatal: Not possible to fast-forward, aborting.', 'GIT_FAILED', 'strategy'],
    ['fatal: No rebase in progress?', 'GIT_FAILED', 'no merge'],
    ['hint: look\nfatal: a branch named \'x\' already exists', 'GIT_FAILED', 'Git says: a branch named \'x\' already exists'],
    ['no\u001b[31m tests\u0007', 'GIT_FAILED', 'Git says: no[31m tests'],
    ['', 'GIT_FAILED', 'without saying why']
  ])('%j', (printed, code, words) => {
    expect(explainGitFailure(printed)).toMatchObject({ code, message: expect.stringContaining(words) })
  })

  it('is short, whatever was printed', () => {
    for (const flood of ['repository ', 'fatal: ', 'x', 'error: branch \'', '\n', 'fatal: unable\n']) {
      expect(explainGitFailure(flood.repeat(16_384 / flood.length)).message.length).toBeLessThan(2_000)
    }
  })
})

describe('the environment of git', () => {
  it('is the project\'s, but for what would let it work on something else, or ask', () => {
    const env = gitEnvironment({ A: '1', GIT_DIR: '/elsewhere', GIT_TRACE: '1', GIT_SSH_COMMAND: 'mine', LC_ALL: 'de_DE' }, '/workspace/a', [['x.y', 'z']])
    expect(env).toMatchObject({ A: '1', GIT_SSH_COMMAND: 'mine', GIT_TERMINAL_PROMPT: '0', GIT_CEILING_DIRECTORIES: '/workspace', LC_ALL: 'C.UTF-8' })
    expect(env).not.toHaveProperty('GIT_DIR')
    expect(env).not.toHaveProperty('GIT_TRACE')
    const count = Number(env.GIT_CONFIG_COUNT)
    expect([env[`GIT_CONFIG_KEY_${count - 1}`], env[`GIT_CONFIG_VALUE_${count - 1}`], env[`GIT_CONFIG_KEY_${count}`]]).toEqual(['x.y', 'z', undefined])
    expect(Object.entries(env)).toContainEqual(['GIT_CONFIG_KEY_0', 'core.fsmonitor'])
  })
})
