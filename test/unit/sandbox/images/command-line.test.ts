import { expect, it } from 'vitest'
import { expandCommand, expandEnvironment } from '../../../../src/sandbox/images/command-line.ts'

const memoryBytes = 64 * 2 ** 20 + 1

function expand (command: string[], main: string, ...others: string[]): string[] {
  return expandCommand(command, { main, companions: others, memoryBytes })
}

it.each<[string[], string, string[]]>([
  [['python3', '{main}'], 'pkg/main.py', ['python3', 'pkg/main.py']],
  [['node', 'out/{stem}.js'], 'src/main.ts', ['node', 'out/src/main.js']],
  [['run', '{stem}'], 'Makefile', ['run', 'Makefile']],
  [['node', '--heap={memoryMb}', '{main}'], 'main.js', ['node', '--heap=64', 'main.js']],
  [['sqlite3', '.read "{main}"'], 'main.sql', ['sqlite3', '.read "main.sql"']]
])('fills %j in for %s', (command, main, expected) => {
  expect(expand(command, main)).toEqual(expected)
})

it('names the sources, the main file last', () => {
  expect(expand(['cc', '{sources}', '-lm'], 'main.c', 'lib/a.c', 'b.c')).toEqual(['cc', 'lib/a.c', 'b.c', 'main.c', '-lm'])
})

it('shares the memory limit out to heap and stack', () => {
  expect(expand(['java', '-Xmx{heapMb}m', '-Xss{stackKb}k'], 'main.c')).toEqual(['java', '-Xmx57m', '-Xss8192k'])
  expect(expandCommand(['java', '-Xss{stackKb}k'], { main: 'a', companions: [], memoryBytes: 8 * 2 ** 30 })).toEqual(['java', '-Xss1000000k'])
  expect(expandEnvironment({ GOMEMLIMIT: '{heapMb}MiB', OTHER: '{main}' }, 2 ** 30)).toEqual({ GOMEMLIMIT: '921MiB', OTHER: '{main}' })
})

it('never lets a file name be read as an option', () => {
  expect(expand(['cc', '{sources}', '{main}', '{stem}'], '-o.c', '-x.c')).toEqual(['cc', './-x.c', './-o.c', './-o.c', './-o'])
})

it('takes a file name for what it is, not for a placeholder or a pattern', () => {
  expect(expand(['cc', '{main}'], '$&{stem}{memoryMb}.c')).toEqual(['cc', '$&{stem}{memoryMb}.c'])
})
