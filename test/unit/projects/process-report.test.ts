import { expect, it } from 'vitest'
import { encodeLabel, presentStarted } from '../../../src/projects/processes/present.ts'
import { ProcessSchema } from '../../../src/projects/processes/schemas.ts'
import { Compile } from 'typebox/compile'

const label = encodeLabel({ name: 'web', cmd: 'serve', cwd: null, keep: false, keepAwake: false })
const start = (args: [string, ...string[]]) => presentStarted({ id: 'one', label, restart: 'never', args, env: {} }, { pid: 42, startedAt: 1_700_000_000_123 })

it('tells of a process that has just been started what its start tells', () => {
  const report = start(['/usr/bin/env', 'serve', '--port'])
  expect(report).toMatchObject({
    id: 'one', name: 'web', cmd: 'serve', status: 'running', pid: 42, startedAt: '2023-11-14T22:13:20.123Z', endedAt: null, exitCode: null, restarts: 0, size: null,
    output: { first: 0, end: 0 }, usage: { cpuTime: 0, memory: 0 }, ports: [],
    tree: [{ pid: 42, parent: 1, name: 'env', command: ['/usr/bin/env', 'serve', '--port'], ports: [] }]
  })
  expect(Compile(ProcessSchema).Check(report)).toBe(true)
})

it('cuts off the arguments of a process as lists do', () => {
  const [program] = start(['/bin/a-program-of-a-long-name', 'x'.repeat(200), 'y'.repeat(200)]).tree
  expect(program?.name).toBe('a-program-of-a-')
  expect(program?.command.join(' ')).toHaveLength(256)
})
