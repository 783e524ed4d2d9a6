import path from 'node:path'

/** Git's own that a project may set for all of its commands; the others would let a call work on something else. */
const KEPT = new Set(['GIT_SSH_COMMAND', 'GIT_SSL_CAINFO', 'GIT_SSL_NO_VERIFY'])

const CONFIGURATION: ReadonlyArray<readonly [string, string]> = [
  // A program that watches files is asked before anything else, and may take for ever.
  ['core.fsmonitor', 'false'],
  ['color.ui', 'false'],
  ['submodule.recurse', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['push.recurseSubmodules', 'no'],
  ['advice.detachedHead', 'false'],
  // What goes on in the background would be ended with the call, and leave its locks.
  ['gc.auto', '0'],
  ['maintenance.auto', 'false']
]

const OWN = {
  // Nobody is there to answer.
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  GIT_EDITOR: ':',
  GIT_SEQUENCE_EDITOR: ':',
  GIT_MERGE_AUTOEDIT: 'no',
  GIT_PAGER: 'cat',
  // ext:: runs commands.
  GIT_ALLOW_PROTOCOL: 'https:http:git:ssh:file',
  // A name that begins with a colon is no pattern.
  GIT_LITERAL_PATHSPECS: '1',
  // What only looks does not keep others from the index.
  GIT_OPTIONAL_LOCKS: '0',
  // What it prints is read.
  LC_ALL: 'C.UTF-8',
  LANGUAGE: ''
} as const

/**
 * What git runs with, over what the container and the project have. A directory is a repository of its own: one further up
 * is not taken for it.
 */
export function gitEnvironment (given: Readonly<Record<string, string>>, directory: string, configuration: ReadonlyArray<readonly [string, string]> = []): Record<string, string> {
  const kept = Object.entries(given).filter(([name]) => !name.startsWith('GIT_') || KEPT.has(name))
  return {
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new',
    ...Object.fromEntries(kept),
    ...OWN,
    GIT_CEILING_DIRECTORIES: path.posix.dirname(directory),
    ...configure([...CONFIGURATION, ...configuration])
  }
}

/** Above every file of configuration, as what is given on the command line is. */
function configure (settings: ReadonlyArray<readonly [string, string]>): Record<string, string> {
  const numbered = settings.flatMap(([key, value], i): Array<[string, string]> => [[`GIT_CONFIG_KEY_${i}`, key], [`GIT_CONFIG_VALUE_${i}`, value]])
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(numbered) }
}
