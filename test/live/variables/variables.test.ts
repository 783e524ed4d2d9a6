import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { projectVariables } from '../../../src/db/schema/index.ts'
import { openTerminal } from '../../support/terminal-client.ts'
import { createDatabase } from '../../support/test-database.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, userWithKey, type User } from '../projects/user.ts'

let berth: Berth
let user: User
let id: string
beforeAll(async () => {
  berth = await startProjectsBerth()
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())
beforeEach(async () => { ({ id } = await user.createProject()) })
afterEach(async () => await user.remove(id))

const put = async (path: string, value: unknown, by = user) => await by.call<{ code: string }>('PUT', `/projects/${id}/${path}`, { value })
const printed = async (...names: string[]): Promise<string> => (await user.exec(id, `printf '%s|' ${names.map((name) => `"$${name}"`).join(' ')}`)).output

describe('variables and secrets of a project', () => {
  it('are in the environment of commands, whose own come before them', async () => {
    expect((await put('env/GREETING', 'grüß "dich" $HOME\n')).status).toBe(204)
    expect((await put('secrets/TOKEN', 's3cret')).status).toBe(204)
    expect(await printed('GREETING', 'TOKEN')).toBe('grüß "dich" $HOME\n|s3cret|')
    expect((await user.call<{ output: string }>('POST', `/projects/${id}/exec`, { cmd: 'printf %s "$TOKEN"', env: { TOKEN: 'mine' } })).body.output).toBe('mine')
    await put('env/GREETING', 'changed')
    expect(await printed('GREETING')).toBe('changed|')
    expect((await user.call('DELETE', `/projects/${id}/env/GREETING`)).status).toBe(204)
    expect(await printed('GREETING', 'TOKEN')).toBe('|s3cret|')
  })

  it('are in the environment of shells, from the next one on', async () => {
    await put('secrets/TOKEN', 's3cret')
    const terminal = openTerminal(`${berth.origin}/terminal/${id}`, { headers: { 'X-API-Key': user.key } })
    await terminal.hello()
    terminal.type('printf "<%s>" "$TOKEN" "$TERM" | tr a-z A-Z\n')
    await terminal.shows('<S3CRET><XTERM-256COLOR>')
    await terminal.close()
  })

  it('are listed by name; the values of secrets never come back, and do not lie in the database', async () => {
    await user.call('PUT', `/projects/${id}/env`, { env: { B: '2', A: '1' } })
    await put('secrets/TOKEN', 'do not show')
    expect((await user.call<unknown>('GET', `/projects/${id}/env`)).body).toEqual({ env: { A: '1', B: '2' } })
    expect((await user.call<unknown>('GET', `/projects/${id}/secrets`)).body).toEqual({ secrets: [{ name: 'TOKEN', updatedAt: expect.any(String) }] })
    const rows = await berth.app.db.select().from(projectVariables).where(eq(projectVariables.projectId, id))
    expect(rows.map(({ value }) => value.includes('do not show'))).not.toContain(true)
    const { body } = await userWithKey(berth.origin, berth.key).call<unknown>('GET', `/api/audit?subject=${id}`)
    expect(JSON.stringify(body)).not.toContain('do not show')
  })

  it('have a name once: a secret takes a variable\'s place', async () => {
    await put('env/TOKEN', 'open')
    await put('secrets/TOKEN', 'closed')
    expect((await user.call<unknown>('GET', `/projects/${id}/env`)).body).toEqual({ env: {} })
    expect(await printed('TOKEN')).toBe('closed|')
    expect((await user.call<{ code: string }>('DELETE', `/projects/${id}/env/TOKEN`)).body.code).toBe('VARIABLE_NOT_FOUND')
    expect((await user.call('DELETE', `/projects/${id}/secrets/TOKEN`)).status).toBe(204)
  })

  it.each<[string, unknown, number, string]>([
    ['env/1ST', 'x', 400, 'VALIDATION_FAILED'], ['env/A-B', 'x', 400, 'VALIDATION_FAILED'], [`env/${'N'.repeat(101)}`, 'x', 414, 'URI_TOO_LONG'],
    ['secrets/BERTH_TERMINAL', 'x', 400, 'BAD_REQUEST'], ['env/A', 7, 400, 'VALIDATION_FAILED'], ['env/A', 'a\u0000b', 400, 'BAD_REQUEST'],
    ['env/A', 'x'.repeat(32_769), 400, 'VALIDATION_FAILED'], ['secrets/A', '\ud800', 400, 'BAD_REQUEST']
  ])('are not set as %s', async (path, value, status, code) => {
    expect(await put(path, value)).toMatchObject({ status, body: { code } })
    expect((await user.call<unknown>('GET', `/projects/${id}/env`)).body).toEqual({ env: {} })
  })

  it('are so many and no more, also when they come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, async (_, i) => await put(`env/V${i}`, 'x'.repeat(30_000))))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 204, 413, 413])
    const many = Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`N${i}`, '']))
    expect((await user.call<{ code: string }>('PUT', `/projects/${id}/env`, { env: many })).body.code).toBe('TOO_LARGE')
    expect(Object.keys((await user.call<{ env: object }>('GET', `/projects/${id}/env`)).body.env)).toHaveLength(2)
  })

  it('of others are not there', async () => {
    await put('secrets/TOKEN', 'x')
    const other = await signUp(berth.origin)
    for (const [method, path, body] of [['GET', 'env'], ['GET', 'secrets'], ['PUT', 'env', { env: {} }], ['PUT', 'secrets/TOKEN', { value: '' }], ['DELETE', 'secrets/TOKEN']] as const) {
      expect(await other.call<{ code: string }>(method, `/projects/${id}/${path}`, body), `${method} ${path}`).toMatchObject({ status: 404, body: { code: 'PROJECT_NOT_FOUND' } })
    }
  })
})

it('secrets are sealed anew with a new key, and one that no key opens says so and harms no other project', async () => {
  const database = await createDatabase(inject('databaseServerUrl'))
  const [old, young] = [`old ${randomUUID()}`, `new ${randomUUID()}`]
  const start = async (keys: string) => await startProjectsBerth({ DATABASE_URL: database.url, SECRETS_KEY: keys })
  let server = await start(old)
  const owner = await signUp(server.origin)
  const { id: project } = await owner.createProject()
  await owner.call('PUT', `/projects/${project}/secrets/TOKEN`, { value: 's3cret' })
  const at = () => userWithKey(server.origin, owner.key)
  const print = async () => await at().call<{ output: string, code: string }>('POST', `/projects/${project}/exec`, { cmd: 'printf %s "$TOKEN"' })
  const restart = async (keys: string) => {
    await server.stop()
    server = await start(keys)
  }
  const sealed = async () => (await server.app.db.select().from(projectVariables))[0]?.value.toString('hex')

  const first = await sealed()
  await restart(`${young},${old}`)
  await expect.poll(sealed, { timeout: 10_000 }).not.toBe(first)
  await restart(young)
  expect((await print()).body.output).toBe('s3cret')
  await restart(old)
  expect(await print()).toMatchObject({ status: 500, body: { code: 'SECRETS_SEALED' } })
  await at().call('PUT', `/projects/${project}/secrets/TOKEN`, { value: 'again' })
  expect((await print()).body.output).toBe('again')
  await at().remove(project)
  await server.stop()
  await database.drop()
})
