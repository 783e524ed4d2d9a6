import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../../src/sandbox/images/catalogue.ts'
import { imagesDirectory, startBerth, type Berth } from '../support/berth.ts'
import { programs } from './programs.ts'

const { runtimes } = await loadCatalogue(imagesDirectory)
const compileTimeout = 60_000

let berth: Berth
// A compiler that shares two cores with everything else takes its time, and so does the start of a JVM.
beforeAll(async () => { berth = await startBerth({ RUNTIMES: 'all', LOG_LEVEL: 'error' }) }, 240_000)
afterAll(async () => await berth.stop())

it('has programs for every language, and for no other', () => {
  expect(Object.keys(programs).sort()).toEqual(runtimes.map(({ language }) => language))
})

describe.each(runtimes)('$language', ({ language, kind }) => {
  const { args, exit, loop, broken } = programs[language]!
  const execute = async (body: Record<string, unknown>) => await berth.execute({ language, timeout: 30_000, ...(kind === 'compiled' ? { compileTimeout } : {}), ...body })

  it('hands arguments to the program', async () => {
    const given = language === 'sqlite' ? ['SELECT \'--flag\'', '.print ä b'] : ['--flag', 'ä b']
    const result = await execute({ code: args, args: given })
    expect(result).toMatchObject({ status: 'completed', output: '--flag\nä b\n', error: '' })
    if (kind === 'compiled') expect(result.compile).toMatchObject({ status: 'completed', exitCode: 0 })
  })

  it('says with what exit code the program ended', async () => {
    expect(await execute({ code: exit })).toMatchObject({ status: 'runtime_error', exitCode: 3, signal: null, output: 'before\n', errorKind: 'runtime' })
  })

  it('keeps what was printed before a timeout', async () => {
    expect(await execute({ code: loop, timeout: 2_500 })).toMatchObject({ status: 'timeout', signal: 'SIGKILL', output: 'before\n' })
  })

  it('tells a program that is wrong from one that fails', async () => {
    const result = await execute({ code: broken })
    if (kind === 'compiled') {
      expect(result).toMatchObject({ status: 'compile_error', output: '', compile: { status: 'compile_error' } })
      expect(`${result.compile?.output}${result.compile?.error}`).not.toBe('')
    } else {
      expect(result).toMatchObject({ status: 'runtime_error', errorKind: 'syntax' })
    }
  })
})
