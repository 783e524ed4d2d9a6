import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { berth } from '../../support/berth-command.ts'
import { createDatabase } from '../../support/test-database.ts'
import { startServerProcess, type ServerProcess } from '../../support/server-process.ts'

const PASSWORD = 'violet harbour under snow'

let database: Awaited<ReturnType<typeof createDatabase>>
let server: ServerProcess
beforeAll(async () => {
  database = await createDatabase(inject('databaseServerUrl'))
  server = await startServerProcess({ DATABASE_URL: database.url, RUNTIMES: 'python', RATE_LIMIT_SIGNIN: 'off' })
})
afterAll(async () => {
  await server.stop()
  await database.drop()
})

const users = async (args: readonly string[], input = '', env: Record<string, string> = {}) =>
  await berth(['users', ...args], { DATA_DIR: server.dataDir, API_KEY: server.key, PORT: new URL(server.origin).port, ...env }, input)

async function post (route: string, body: object): Promise<number> {
  return (await fetch(server.origin + route, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: server.origin }, body: JSON.stringify(body) })).status
}

const signIn = async (email: string, password: string): Promise<number> => await post('/auth/signin', { email, password })

describe('berth users', () => {
  it('adds somebody with a password from standard input, whom list shows, and keeps them out and lets them in again', async () => {
    const email = 'ada@example.org'
    expect(await users(['add', email, '--password-stdin', '--role', 'admin', '--name', 'Ada'], `${PASSWORD}\n`)).toEqual({ code: 0, stdout: '', stderr: `${email} is an administrator\n` })
    expect(await signIn(email, PASSWORD)).toBe(200)
    expect((await users(['list'])).stdout).toContain(`${email}\tadmin\tenabled\tAda\n`)

    expect(await users(['disable', email])).toMatchObject({ code: 0, stderr: `${email} is disabled\n` })
    expect(await signIn(email, PASSWORD)).toBe(403)
    expect(JSON.parse((await users(['list', '--json'])).stdout)).toContainEqual(expect.objectContaining({ email, disabledAt: expect.any(String) }))
    expect(await users(['enable', email])).toMatchObject({ code: 0 })
    expect(await signIn(email, PASSWORD)).toBe(200)

    expect(await users(['reset-password', email, '--password-stdin'], 'another harbour in the rain')).toMatchObject({ code: 0 })
    expect([await signIn(email, PASSWORD), await signIn(email, 'another harbour in the rain')]).toEqual([401, 200])
  })

  it('prints links that work once, at the address that people know', async () => {
    const email = 'grace@example.org'
    const invitation = await users(['add', email], '', { PUBLIC_URL: 'https://berth.example.org' })
    expect(invitation).toMatchObject({ code: 0, stdout: expect.stringMatching(/^https:\/\/berth\.example\.org\/join#[\w-]+\n$/) })
    const token = invitation.stdout.trim().split('#')[1]
    expect(await post('/auth/signup', { email, password: PASSWORD, invitation: token })).toBe(201)
    const reset = await users(['reset-password', email])
    expect(reset.stdout).toMatch(new RegExp(`^${server.origin}/reset#[\\w-]+\\n$`))
    expect(await post('/auth/password/reset', { token: reset.stdout.trim().split('#')[1], password: 'another harbour in the rain' })).toBe(200)
  })

  it.each<[string, string[], string, Record<string, string>, RegExp]>([
    ['a password that is too short', ['add', 'short@example.org', '--password-stdin'], 'short', {}, /password/],
    ['an email that is none', ['add', 'nobody'], '', {}, /email/],
    ['a role that there is not', ['add', 'role@example.org', '--role', 'king'], '', {}, /role/],
    ['somebody whom nobody knows', ['disable', 'nobody@example.org'], '', {}, /nobody has the email/],
    ['a name for a link', ['add', 'name@example.org', '--name', 'N'], '', {}, /--name is for an account/],
    ['a key that is not the server\'s', ['list'], '', { API_KEY: `brt_${'x'.repeat(32)}` }, /key|sign/i],
    ['a server that is not there', ['list'], '', { PORT: '1' }, /no server answers at http:\/\/127\.0\.0\.1:1/]
  ])('answers %s with one line and 1', async (_name, args, input, env, message) => {
    const { code, stdout, stderr } = await users(args, input, env)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n').length).toBe(1)
  })
})

describe('berth doctor', () => {
  const doctor = async (args: readonly string[], env: Record<string, string> = {}) => {
    const result = await berth(['doctor', ...args], { DATA_DIR: server.dataDir, DATABASE_URL: database.url, PORT: new URL(server.origin).port, ...env })
    return { ...result, findings: args.includes('--json') ? (JSON.parse(result.stdout) as { findings: Array<{ name: string, state: string, found: string, advice?: string }> }).findings : [] }
  }

  it('finds a running server, its Engine, database and store, and nothing broken', async () => {
    const { code, findings } = await doctor(['--json'])
    expect(findings.filter(({ state }) => state === 'broken')).toEqual([])
    expect(code).toBe(0)
    expect(findings.map(({ name }) => name)).toEqual(expect.arrayContaining(['engine', 'hardening', 'storage', 'memory', 'clock', 'languages', 'disk', 'network', 'port', 'database', 'migrations', 'snapshots', 'PREVIEW_DOMAIN']))
    expect(findings.find(({ name }) => name === 'port')?.found).toMatch(/a Berth serves/)
    for (const { state, advice } of findings) expect(advice !== undefined).toBe(state !== 'ok')
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['an Engine that is not there', { DOCKER_HOST: 'unix:///nowhere/docker.sock' }, /^broken {2}engine /m],
    ['a database that refuses', { DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/none' }, /^broken {2}database /m],
    ['a store that is not there', { SNAPSHOT_STORE: 's3://bucket/x?endpoint=http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }, /^broken {2}snapshots /m],
    ['a wrong variable', { RETENTION_DAYS: 'many' }, /^broken {2}configuration .*RETENTION_DAYS/m],
    ['a runtime that the Engine lacks', { SANDBOX_RUNTIME: 'no-such-runtime' }, /^broken {2}runtime /m],
    ['no room', { DISK_RESERVE: '900000g' }, /^broken {2}disk /m]
  ])('ends with 1 for %s, and says so', async (_name, env, line) => {
    const { code, stdout } = await doctor([], env)
    expect(code).toBe(1)
    expect(stdout).toMatch(line)
    expect(stdout).not.toContain('secret@')
  })
})
