import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compiledLine, placeOf, type CompiledRun } from '../../../src/projects/run/compiled.ts'
import { withPackages } from '../../../src/projects/run/packages.ts'
import type { Runtime } from '../../../src/sandbox/images/catalogue.ts'

const run = promisify(execFile)
let root: string
beforeEach(async () => { root = await mkdtemp(join(tmpdir(), 'run-shell-')) })
afterEach(async () => await rm(root, { recursive: true }))

/** The sandbox's directories are ours here. */
const here = (line: string): string => line.replaceAll('/workspace', `${root}/workspace`).replaceAll('/tmp/', `${root}/tmp/`)

describe.each(['bash', 'dash'])('in %s, a compiled program', (shell) => {
  const compiled = (id: string, more: Partial<CompiledRun> = {}): string =>
    here(compiledLine({ compile: `printf '#!/bin/sh\\necho ${id}; read -r word\\n' > /tmp/program && chmod +x /tmp/program`, run: `${placeOf(id)}/program`, makes: ['program'], place: placeOf(id), ...more }))
  beforeEach(async () => await mkdir(join(root, 'tmp')))

  it('is the run\'s own, whatever is compiled meanwhile, and goes with the next run after its end', async () => {
    const first = spawn(shell, ['-c', compiled('first')])
    const printed = text(first.stdout)
    const hasEnded = once(first, 'close')
    await once(first.stdout, 'readable')
    const second = spawn(shell, ['-c', compiled('second')])
    const hasSecondEnded = once(second, 'close')
    second.stdin.end('\n')
    expect(await text(second.stdout)).toBe('second\n')
    await hasSecondEnded
    expect((await readdir(join(root, 'tmp/runs'))).sort()).toEqual(['first', 'second'])
    first.stdin.end('\n')
    expect(await printed).toBe('first\n')
    await hasEnded
    await run(shell, ['-c', compiled('third', { run: 'true' })])
    expect(await readdir(join(root, 'tmp/runs'))).toEqual(['third'])
  })

  it('is told where it is, if it is run by arguments in a file', async () => {
    const line = compiled('a', { compile: 'mkdir /tmp/classes && echo "-cp /tmp/classes:. Main" > /tmp/run.args', makes: ['classes', 'run.args'], run: `cat ${placeOf('a')}/run.args` })
    expect((await run(shell, ['-c', line])).stdout).toBe(here('-cp /tmp/runs/a/classes:. Main\n'))
  })

  it('is not run when it cannot be compiled', async () => {
    await expect(run(shell, ['-c', compiled('a', { compile: 'exit 3', run: 'echo ran' })])).rejects.toMatchObject({ code: 3, stdout: '' })
  })
})

describe.each(['bash', 'dash'])('in %s, packages', (shell) => {
  const runtime = { project: { packages: { directory: '.venv', commands: [['sh', 'install.sh', '{packages}']] } } } as unknown as Runtime
  const line = (packages: string[]): string => here(withPackages(['echo', 'ran'], packages, runtime) as string)
  const install = async (script: string): Promise<void> => await writeFile(join(root, 'workspace/install.sh'), script)
  beforeEach(async () => {
    await mkdir(join(root, 'tmp'))
    await mkdir(join(root, 'workspace'))
    await install('mkdir -p .venv; echo "$@" >> installed')
  })
  const installed = async (): Promise<string> => await readFile(join(root, 'workspace/installed'), 'utf8')

  it('are installed once, and again when there are others or they have gone', async () => {
    const outputs = await Promise.all([1, 2, 3].map(async () => (await run(shell, ['-c', line(['a>=1', 'b'])])).stdout))
    expect(outputs).toEqual(['ran\n', 'ran\n', 'ran\n'])
    expect(await installed()).toBe('a>=1 b\n')
    await run(shell, ['-c', line(['a>=1'])])
    expect(await installed()).toBe('a>=1 b\na>=1\n')
    await rm(join(root, 'workspace/.venv'), { recursive: true })
    await run(shell, ['-c', line(['a>=1'])])
    expect(await installed()).toBe('a>=1 b\na>=1\na>=1\n')
  })

  it('that cannot be installed are told of, and nothing is run', async () => {
    await install('echo no such package >&2; exit 7')
    await expect(run(shell, ['-c', line(['a'])])).rejects.toMatchObject({ code: 7, stdout: '', stderr: 'no such package\nberth.json: its packages could not be installed\n' })
  })
})
