import { describe, expect, it } from 'vitest'
import { parseBerthJson } from '../../../src/projects/run/berth-json.ts'
import { planRun, type RunContext } from '../../../src/projects/run/plan.ts'
import type { RunBody } from '../../../src/projects/run/schemas.ts'
import type { Runtime } from '../../../src/sandbox/images/catalogue.ts'

const python = { language: 'python', extension: 'py', mainFile: 'main.py', run: { command: ['python3', '{main}'] }, env: {} } as unknown as Runtime
const c = { language: 'c', extension: 'c', mainFile: 'main.c', compile: { command: ['gcc', '{sources}', '-o', '{out}/program'] }, run: { command: ['{out}/program'] }, env: { HEAP: '{heapMb}' } } as unknown as Runtime
const withInstaller = { ...python, project: { packages: { directory: '.venv', commands: [['python3', '-m', 'venv', '.venv'], ['pip', 'install', '{packages}']] } } } as unknown as Runtime
const plan = (body: RunBody, context: Partial<RunContext> = {}) =>
  planRun(body, { id: 'a', berthJson: {}, runtime: python, memoryBytes: 100 * 1024 ** 2, neighbours: ['main.py', 'b.py', 'notes.txt', 'my file.py', '-x.py'], ...context })

describe('what runs a project', () => {
  it.each<[string, RunBody, Partial<RunContext>, unknown]>([
    ['its main file', {}, {}, 'exec python3 main.py'],
    ['a file', { path: 'b.py' }, {}, 'exec python3 b.py'],
    ['a file of any name', { path: 'my file.py' }, {}, 'exec python3 \'my file.py\''],
    ['a file that looks like an option', { path: '-x.py' }, {}, 'exec python3 ./-x.py'],
    ['arguments as they are', { args: ['a b', '$(x)', 'it\'s'] }, {}, 'exec python3 main.py \'a b\' \'$(x)\' \'it\'\\\'\'s\''],
    ['all sources of a compiled project', {}, { runtime: c, neighbours: ['a.c', 'main.c', 'x.h'] }, expect.stringMatching(/&& gcc a\.c main\.c -o \/tmp\/runs\/a\/program && exec \/tmp\/runs\/a\/program$/)],
    ['one source by itself', { path: 'a.c' }, { runtime: c, neighbours: ['a.c', 'main.c'] }, expect.stringMatching(/&& gcc a\.c -o/)],
    ['the language where berth.json has a command for what is no file', { path: 'constructor' }, { neighbours: ['constructor'], berthJson: { run: {} } }, 'exec python3 constructor'],
    ['what berth.json says', {}, { berthJson: { run: 'make run' } }, 'make run'],
    ['what berth.json says, with arguments', { args: ['a b'] }, { berthJson: { run: 'make run' } }, 'make run \'a b\''],
    ['a list of words', { args: ['b'] }, { berthJson: { run: ['make', 'a'] } }, ['make', 'a', 'b']],
    ['by the kind of file', { path: 'my file.py' }, { berthJson: { run: { '*.py': 'pytest {path}' } } }, 'pytest \'my file.py\''],
    ['by the file itself first', { path: 'b.py' }, { berthJson: { run: { '*.py': 'x', 'b.py': ['y', '{path}'] } } }, ['y', 'b.py']],
    ['the language where berth.json says nothing of such files', { path: 'b.py' }, { berthJson: { run: { '*.txt': 'cat' } } }, 'exec python3 b.py'],
    ['a file, where berth.json says how the project is run', { path: 'b.py' }, { berthJson: { run: 'make' } }, 'exec python3 b.py'],
    ['a test', { task: 'test' }, { berthJson: { test: 'pytest' } }, 'pytest']
  ])('is %s', (_name, body, context, cmd) => {
    expect(plan(body, context).cmd).toEqual(cmd)
  })

  it('has the environment of the language, and over it that of berth.json', () => {
    expect(plan({}, { runtime: c, neighbours: ['main.c'], berthJson: { env: { A: 'b' } } }).env).toEqual({ HEAP: '90', A: 'b', BERTH_OUT: '/tmp/runs/a' })
    expect(plan({}, { runtime: c, neighbours: ['main.c'], berthJson: { env: { HEAP: '1' } } }).env).toEqual({ HEAP: '1', BERTH_OUT: '/tmp/runs/a' })
  })

  it('is told to listen where its preview is, if its environment does not say otherwise', () => {
    expect(plan({}, { berthJson: { preview: 8000 } }).env).toEqual({ PORT: '8000' })
    expect(plan({}, { berthJson: { preview: 8000, env: { PORT: '9000' } } }).env).toEqual({ PORT: '9000' })
  })

  it('begins with the packages that it needs, each a word of its own', () => {
    const berthJson = { packages: ['flask>=3', 'it\'s'], run: 'flask run', test: ['pytest', 'a b'] }
    const { cmd } = plan({}, { runtime: withInstaller, berthJson })
    expect(cmd).toContain('python3 -m venv .venv && pip install \'flask>=3\' \'it\'\\\'\'s\' && ')
    expect(cmd).toMatch(/; flask run$/)
    expect(plan({ task: 'test' }, { runtime: withInstaller, berthJson }).cmd).toMatch(/; exec pytest 'a b'$/)
    expect(plan({}, { runtime: withInstaller, berthJson: { ...berthJson, packages: [] } }).cmd).toBe('flask run')
  })

  it('begins with a command for each package where the installer takes one at a time', () => {
    const runtime = { ...python, project: { packages: { directory: '.rocks', commands: [['rocks', 'install', '{package}']] } } } as unknown as Runtime
    expect(plan({}, { runtime, berthJson: { packages: ['a', 'b'], run: 'x' } }).cmd).toContain('rocks install a && rocks install b && ')
  })

  it.each([['has no installer', python], ['is not known', undefined]])('cannot begin with packages where the language %s', (_name, runtime) => {
    expect(() => plan({}, { runtime, berthJson: { packages: ['a'], run: 'x' } })).toThrow(/berth\.json cannot be used: .*"packages"/)
  })

  it.each<[string, RunBody, Partial<RunContext>, RegExp]>([
    ['there is no main file', {}, { neighbours: [] }, /no main\.py.*berth\.json/],
    ['there is no such file', { path: 'nosuch.py' }, {}, /no file "nosuch\.py"/],
    ['nothing is known', {}, { runtime: undefined }, /berth\.json/],
    ['there is no such task', { task: 'build' }, {}, /"build"/],
    ['the kind of the file is not known', { path: 'notes.txt' }, {}, /files with "\.txt" are run in this project\. .*"\*\.txt"/]
  ])('is nothing, and says so, where %s', (_name, body, context, message) => {
    expect(() => plan(body, context)).toThrow(message)
  })
})

describe('berth.json', () => {
  it('is optional in all of its parts', () => {
    expect(parseBerthJson('{}')).toEqual({})
    const whole = { run: { '*.py': ['a', 'b'] }, preview: 8000, packages: ['flask==3', '@scope/x@^1', './x.whl'], build: 'make', test: ['t'], env: { A: 'b' }, services: [{ name: 'db', cmd: 'x', cwd: 'y', env: {}, restart: 'always' }] }
    expect(parseBerthJson(JSON.stringify(whole))).toEqual(whole)
  })

  it.each(['', '[]', 'null', '{"run":1}', '{"run":[]}', '{"rum":"x"}', '{"services":[{"name":"a b","cmd":"x"}]}', '{"services":[{"name":"a"}]}', '{"env":{"A":1}}', '{"preview":0}', '{"preview":65536}', '{"preview":"80"}', '{"packages":"flask"}', '{"packages":["--index-url=x"]}', '{"packages":["a b"]}', '{"packages":[""]}', '{"packages":["a\\n"]}', `{"packages":["${'x'.repeat(300)}"]}`, `{"services":${JSON.stringify(Array.from({ length: 21 }, (_, index) => ({ name: `s${index}`, cmd: 'x' })))}}`])('says what is wrong with %s', (text) => {
    expect(() => parseBerthJson(text)).toThrow(/berth\.json cannot be used: \S/)
  })
})
