import { describe, expect, it } from 'vitest'
import { planExec } from '../../../src/projects/exec/plan.ts'
import type { ExecBody } from '../../../src/projects/exec/schemas.ts'

const limits = { timeoutMaxMs: 100_000, outputBytes: 1024 }
const plan = (body: Partial<ExecBody>, given: Record<string, string> = {}) => planExec({ cmd: 'true', ...body }, given, limits)

describe('the plan of a command', () => {
  it('gives a line to the shell and takes a list as it is', () => {
    expect(plan({ cmd: 'echo $HOME | cat' }).args).toEqual(['/bin/bash', '-c', 'echo $HOME | cat'])
    expect(plan({ cmd: ['echo', '$HOME', ''] }).args).toEqual(['echo', '$HOME', ''])
  })

  it('lays the caller\'s environment over the container\'s', () => {
    const { env } = plan({ env: { A: 'mine', NEW: '=' } }, { A: 'theirs', B: 'x=y' })
    expect(env).toEqual({ A: 'mine', B: 'x=y', NEW: '=' })
  })

  it('has a minute where no time is given, or what the server allows', () => {
    expect(plan({}).wallMs).toBe(60_000)
    expect(planExec({ cmd: 'true' }, {}, { ...limits, timeoutMaxMs: 5_000 }).wallMs).toBe(5_000)
  })

  it.each<[string, Partial<ExecBody>, string]>([
    ['a longer time than the server allows', { timeout: 100_001 }, 'BAD_LIMIT'],
    ['a working directory that is absolute', { cwd: '/etc' }, 'BAD_PATH'],
    ['a working directory that leaves', { cwd: 'a/../..' }, 'BAD_PATH'],
    ['no program', { cmd: [''] }, 'BAD_REQUEST'],
    ['a NUL in an argument', { cmd: ['a', 'b\0'] }, 'BAD_REQUEST'],
    ['a NUL in a line', { cmd: 'a\0' }, 'BAD_REQUEST'],
    ['a wrong name of a variable', { env: { 'A B': '' } }, 'BAD_REQUEST'],
    ['a lone surrogate as input', { input: '\ud800' }, 'BAD_REQUEST'],
    ['arguments that are too long', { cmd: ['a', 'x'.repeat(70_000)] }, 'TOO_LARGE']
  ])('refuses %s', (_name, body, code) => {
    expect(() => plan(body)).toThrow(expect.objectContaining({ code }))
  })
})
