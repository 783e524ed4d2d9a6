import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadCatalogue, type Catalogue } from '../../../src/sandbox/images/catalogue.ts'
import { imagesDirectory, startBerth, type Berth } from '../support/berth.ts'

/** A compiled language on the python image: byte code is what its compiler makes. */
async function catalogueWithCompiler (): Promise<Catalogue> {
  const catalogue = await loadCatalogue(imagesDirectory)
  const python = catalogue.find('python')
  if (python === undefined) throw new Error('there is no python')
  const compiled = {
    ...python,
    kind: 'compiled' as const,
    compile: { command: ['python3', '-c', 'import py_compile, sys; print("compiling"); py_compile.compile(sys.argv[1], "main.pyc", doraise=True)', '{main}'] },
    run: { command: ['python3', 'main.pyc'] },
    limits: { ...python.limits, compileTimeout: 5_000 }
  }
  const find: Catalogue['find'] = (name) => name === 'python' ? compiled : undefined
  return { runtimes: [compiled], find }
}

let berth: Berth
beforeAll(async () => { berth = await startBerth({}, { catalogue: await catalogueWithCompiler() }) })
afterAll(async () => await berth.stop())

describe('a compiled language', () => {
  it('reports its compiler beside the run, and the input goes to the program', async () => {
    expect(await berth.execute({ language: 'python', code: 'print(input())', input: 'hello\n' })).toMatchObject({
      status: 'completed',
      output: 'hello\n',
      compile: { status: 'completed', exitCode: 0, signal: null, output: 'compiling\n', error: '', executionTime: expect.any(Number) }
    })
  })

  it('does not run what did not compile', async () => {
    const result = await berth.execute({ language: 'python', code: 'def f(:' })
    expect(result).toMatchObject({ status: 'compile_error', exitCode: 1, output: '', error: '', executionTime: 0, compile: { status: 'compile_error', exitCode: 1 } })
    expect(result.compile?.error).toContain('SyntaxError')
  })

  it('gives the compiler a limit of its own', async () => {
    expect(await berth.execute({ language: 'python', code: 'print(1)', compileTimeout: 1 })).toMatchObject({ status: 'compile_error', compile: { status: 'timeout', signal: 'SIGKILL' } })
    expect(await berth.execute({ language: 'python', code: 'while True: pass', timeout: 300 })).toMatchObject({ status: 'timeout', compile: { status: 'completed' } })
  })
})
