import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ProcessList, ProcessReport } from '../../../src/projects/processes/schemas.ts'
import type { Project } from '../../../src/projects/core/schemas.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createVisitor } from '../preview/visitor.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { signUp, type User } from './user.ts'

let berth: Berth
let user: User
let id: string
beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_MEMORY: '512m' })
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())
afterEach(async () => await user.remove(id))

async function project (body: Record<string, unknown>): Promise<Project> {
  const made = await user.call<Project>('POST', '/projects', { name: 'run', ...body })
  expect(made.status).toBe(201)
  id = made.body.id
  return made.body
}

async function run (body: Record<string, unknown> = {}): Promise<ProcessReport> {
  const started = await user.call<ProcessReport>('POST', `/projects/${id}/run`, body)
  expect(started).toMatchObject({ status: 201, body: { size: { cols: 80, rows: 24 } } })
  return started.body
}

const report = async (process: string): Promise<ProcessReport> => (await user.call<ProcessReport>('GET', `/projects/${id}/processes/${process}`)).body
const print = async (process: string): Promise<string> => await (await user.send('GET', `/projects/${id}/processes/${process}/logs?follow=true`)).text()

describe('a project is run', () => {
  it('by its main file, or by another, in a terminal, with arguments', async () => {
    await project({ runtime: 'python', files: [{ path: 'main.py', content: 'import sys; print(sys.argv[1:], sys.stdout.isatty())' }, { path: 'my other.py', content: 'print(input())' }] })
    expect(await print((await run({ args: ['a b', '$(x)'] })).id)).toBe('[\'a b\', \'$(x)\'] True\r\n')
    const other = await run({ path: 'my other.py' })
    expect(other.name).toBe('my other.py')
    expect((await user.call('POST', `/projects/${id}/processes/${other.id}/input`, { input: 'typed\n' })).status).toBe(204)
    expect(await print(other.id)).toBe('typed\r\ntyped\r\n')
  })

  it('from all of its sources where it is compiled', async () => {
    await project({ template: 'c-makefile' })
    await user.call('DELETE', `/projects/${id}/files/berth.json`)
    expect(await print((await run({ args: ['Ada'] })).id)).toBe('Hello, Ada\r\n')
    const broken = await user.send('PUT', `/projects/${id}/files/main.c`, undefined, { body: 'int main(' })
    expect(broken.status).toBe(204)
    expect(await print((await run()).id)).toMatch(/main\.c:1:.*error/)
  })

  it('as its berth.json says, and says what is wrong with that', async () => {
    await project({ runtime: 'python', files: [{ path: 'berth.json', content: JSON.stringify({ run: 'echo "run $A"', test: ['echo', 'tested'], env: { A: 'b' } }) }] })
    expect(await print((await run()).id)).toBe('run b\r\n')
    expect(await print((await run({ task: 'test', args: ['x'] })).id)).toBe('tested x\r\n')
    expect(await user.call('POST', `/projects/${id}/run`, { task: 'build' })).toMatchObject({ status: 400, body: { code: 'NOTHING_TO_RUN' } })
    await user.send('PUT', `/projects/${id}/files/berth.json`, undefined, { body: '{"rum": 1}' })
    expect(await user.call('POST', `/projects/${id}/run`, {})).toMatchObject({ status: 400, body: { code: 'BAD_BERTH_JSON' } })
    await user.send('PUT', `/projects/${id}/files/berth.json`, undefined, { body: ' '.repeat(70_000) })
    expect(await user.call('POST', `/projects/${id}/run`, {})).toMatchObject({ status: 400, body: { code: 'BAD_BERTH_JSON' } })
  })

  it('in a place of its own, beside another run in a language that is compiled', async () => {
    const program = (name: string): string => `#include <stdio.h>\nint main(void) { puts("${name}"); return getchar(); }\n`
    await project({ runtime: 'c', files: ['a', 'b', 'c'].map((name) => ({ path: `${name}.c`, content: program(name) })) })
    const started = await Promise.all(['a', 'b', 'c', 'a', 'b'].map(async (name) => ({ ...await run({ path: `${name}.c` }), letter: name })))
    for (const { id: process, letter } of started) {
      await waitFor('it to be run', async () => (await report(process)).output.end > 0)
      expect(await (await user.send('GET', `/projects/${id}/processes/${process}/logs`)).text()).toBe(`${letter}\r\n`)
    }
    for (const { id: process } of started) expect((await user.call('POST', `/projects/${id}/processes/${process}/input`, { input: '\n' })).status).toBe(204)
    for (const { id: process } of started) await waitFor('its end', async () => (await report(process)).status === 'exited')
    const last = await run({ path: 'a.c' })
    await user.call('POST', `/projects/${id}/processes/${last.id}/input`, { input: '\n' })
    await print(last.id)
    expect((await user.exec(id, 'ls /tmp/runs | wc -l')).output).toBe('1\n')
  })

  it('where its berth.json says that it is seen, which is told by its status and the run\'s answer', async () => {
    await project({ runtime: 'python', files: [{ path: 'berth.json', content: JSON.stringify({ run: 'echo "$PORT"', preview: 8123 }) }] })
    expect((await user.status(id)).preview.port).toBe(3000)
    const preview = { port: 8123, url: expect.stringMatching(new RegExp(`^http://8123--${id}\\.`)) }
    const started = await run()
    expect(started).toMatchObject({ preview })
    expect(await print(started.id)).toBe('8123\r\n')
    expect((await user.status(id)).preview).toEqual({ ...preview, hostPort: null, hostPortReason: 'Only port 3000 is published' })
    await user.send('PUT', `/projects/${id}/files/berth.json`, undefined, { body: '{"preview": 0}' })
    expect((await user.status(id)).preview.port).toBe(3000)
    await user.send('DELETE', `/projects/${id}/files/berth.json`)
    await user.send('PUT', `/projects/${id}/files/main.py`, undefined, { body: '' })
    expect(await run()).toMatchObject({ preview: { port: 3000, url: expect.stringContaining('//3000--') } })
  })

  it('not with packages where nobody knows how these are installed', async () => {
    await project({ runtime: 'sqlite', files: [{ path: 'berth.json', content: JSON.stringify({ run: 'true', packages: ['x'] }) }] })
    expect(await user.call('POST', `/projects/${id}/run`, {})).toMatchObject({ status: 400, body: { code: 'BAD_BERTH_JSON', message: expect.stringContaining('"packages"') } })
  })

  it('with the services of its berth.json from its start on', async () => {
    await project({ runtime: 'python', files: [{ path: 'berth.json', content: JSON.stringify({ env: { A: 'b' }, services: [{ name: 'db', cmd: 'echo "up $A"; exec sleep 1000' }] }) }] })
    for (let start = 0; start < 2; start++) {
      await user.start(id)
      const service = await waitFor('the service', async () => (await user.call<ProcessList>('GET', `/projects/${id}/processes`)).body.processes.find(({ output }) => output.end > 0))
      expect(service).toMatchObject({ id: 'service-db', name: 'db', status: 'running', keep: true })
      expect(await (await user.send('GET', `/projects/${id}/processes/service-db/logs`)).text()).toBe('up b\n')
      await user.stop(id)
    }
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['no main file', {}, 'NOTHING_TO_RUN'],
    ['a file that is not there', { path: 'nosuch.py' }, 'NOTHING_TO_RUN'],
    ['a directory that is not there', { path: 'no/such.py' }, 'NOTHING_TO_RUN'],
    ['a path outside', { path: '../x.py' }, 'BAD_PATH'],
    ['an unknown task', { task: 'deploy' }, 'VALIDATION_FAILED'],
    ['more', { more: 1 }, 'VALIDATION_FAILED']
  ])('not with %s', async (_name, body, code) => {
    await project({ runtime: 'python' })
    expect(await user.call('POST', `/projects/${id}/run`, body)).toMatchObject({ status: 400, body: { code } })
  })

  it('not by others', async () => {
    await project({ runtime: 'python' })
    expect(await (await signUp(berth.origin)).call('POST', `/projects/${id}/run`, {})).toMatchObject({ status: 404, body: { code: 'PROJECT_NOT_FOUND' } })
  })
})

describe('a template', () => {
  it('is listed, and gives a project its language and its files', async () => {
    const { templates } = await (await berth.get('/api/templates')).json() as { templates: Array<{ id: string }> }
    expect(templates.find((template) => template.id === 'go-http')).toEqual({ id: 'go-http', name: 'Go web server', description: expect.any(String), runtime: 'go', preview: 8080, needs: null, files: ['berth.json', 'go.mod', 'main.go', 'main_test.go'] })
    expect(await project({ template: 'sql' })).toMatchObject({ runtime: 'sqlite' })
    expect(await (await user.send('GET', `/projects/${id}/files/main.sql`)).text()).toMatch(/^create table book/)
  })

  it('is refused beside other beginnings, and where there is none', async () => {
    await project({ runtime: 'python' })
    for (const [body, code] of [[{}, 'BAD_REQUEST'], [{ template: 'nosuch' }, 'UNKNOWN_TEMPLATE'], [{ template: 'sql', files: [] }, 'BAD_REQUEST'], [{ template: '' }, 'VALIDATION_FAILED']] as const) {
      expect(await user.call('POST', '/projects', { name: 'x', ...body })).toMatchObject({ status: 400, body: { code } })
    }
  })

  it.each([
    ['static-site', 8000, /<h1>It works<\/h1>/],
    ['python-http', 8000, /^Hello from \/$/m],
    ['node-http', 3000, /^Hello from \/$/m],
    ['java-http', 8080, /^Hello from \/$/m],
    ['go-http', 8080, /^Hello from \/$/m]
  ])('%s serves its preview when it is run', async (template, port, expected) => {
    await project({ template })
    const { id: process } = await run()
    const serving = await waitFor('the port', async () => {
      const found = await report(process)
      if (found.status === 'exited') throw new Error(await print(process))
      return found.ports.includes(port) && found
    }, 60_000)
    expect(serving.status).toBe('running')
    await user.call('PATCH', `/projects/${id}`, { previews: 'public' })
    expect((await createVisitor(berth, id, port).visit('/')).text).toMatch(expected)
  }, 120_000)

  it.each([
    ['c-makefile', /^Hello, world\r$/m],
    ['rust-cli', /^Hello, world\r$/m],
    ['data-script', /temperatures\.png is drawn/],
    ['sql', /Ursula K\. Le Guin/]
  ])('%s does what it is for when it is run', async (template, expected) => {
    await project({ template })
    const { id: process } = await run()
    expect(await print(process)).toMatch(expected)
    expect(await waitFor('its end', async () => (await report(process)).status === 'exited')).toBe(true)
    expect((await report(process)).exitCode).toBe(0)
  }, 120_000)

  it.each([['python-http'], ['node-http'], ['go-http']])('%s has tests that pass', async (template) => {
    await project({ template })
    const { id: process } = await run({ task: 'test' })
    const printed = await print(process)
    await waitFor('its end', async () => (await report(process)).status === 'exited')
    expect({ exitCode: (await report(process)).exitCode, printed }).toEqual({ exitCode: 0, printed: expect.any(String) })
  }, 120_000)
})
