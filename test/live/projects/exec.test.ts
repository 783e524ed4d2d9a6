import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { patience } from '../../support/patience.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { signUp, type User } from './user.ts'

let berth: Berth
let user: User
let id: string
beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_MEMORY: '128m' }, { settings: { projects: { execTimeoutMaxMs: 20_000 }, execution: { outputBytes: 65_536 } } })
  user = await signUp(berth.origin)
  ;({ id } = await user.createProject())
})
afterAll(async () => {
  await user.remove(id)
  await berth.stop()
})

const COUNT_SLEEPERS = `
import glob
print(sum(open(f, "rb").read().startswith(b"sleep\\0") for f in glob.glob("/proc/[0-9]*/cmdline")))`
const sleepers = async () => Number((await user.exec(id, ['python3', '-c', COUNT_SLEEPERS])).output)

describe('a command in a project', () => {
  it('starts the project if need be', async () => {
    expect((await user.status(id)).status).toBe('stopped')
    expect(await user.exec(id, 'echo hi; echo no >&2; exit 3')).toMatchObject({ output: 'hi\n', error: 'no\n', exitCode: 3, signal: null, status: 'runtime_error' })
    expect((await user.status(id)).status).toBe('running')
  })

  it('gets its input, arguments, directory and environment', async () => {
    await user.exec(id, 'mkdir -p sub')
    expect(await user.exec(id, ['sh', '-c', 'pwd; echo "$1 $A $PORT"; cat', 'sh', '$x y'], { input: 'in', cwd: 'sub', env: { A: 'b' } }))
      .toMatchObject({ output: '/workspace/sub\n$x y b 3000\nin', status: 'completed' })
  })

  it('keeps keys and commits of its user in the project', async () => {
    const commands = [
      'ssh-keygen -q -t ed25519 -N "" -f "$(getent passwd sandbox | cut -d: -f6)/.ssh/key"',
      'git config --global user.email me@example.org',
      'git config --global user.name Me',
      'git init -q repository',
      'cd repository',
      'git commit -q --allow-empty -m first',
      'git log --format=%an',
      'ls /workspace/.ssh'
    ]
    expect(await user.exec(id, `mkdir -p /workspace/.ssh && ${commands.join(' && ')}`)).toMatchObject({ error: '', output: 'Me\nkey\nkey.pub\n', status: 'completed' })
  })

  it('is told its signal by name', async () => {
    expect(await user.exec(id, 'kill -SEGV $$')).toMatchObject({ exitCode: null, signal: 'SIGSEGV', status: 'runtime_error' })
  })

  it('that does not exist ends as in a shell', async () => {
    expect(await user.exec(id, ['no-such-program'])).toMatchObject({ exitCode: 127, status: 'runtime_error', error: expect.stringMatching(/no-such-program/) })
    expect(await user.exec(id, 'no-such-program')).toMatchObject({ exitCode: 127, status: 'runtime_error' })
  })

  it('ends at its time with everything that it has started, and what it had printed is there', async () => {
    const result = await user.exec(id, 'echo begun; sleep 1000 & setsid sleep 1000 & (setsid sh -c "sleep 1000 & sleep 1000" &) ; wait', { timeout: 500 * patience })
    expect(result).toMatchObject({ status: 'timeout', output: 'begun\n', exitCode: null, signal: 'SIGKILL' })
    expect(await sleepers()).toBe(0)
  })

  it('ends with its client, and everything that it has started', async () => {
    const leaving = new AbortController()
    const asked = user.send('POST', `/projects/${id}/exec`, { cmd: 'sleep 1000 & setsid sleep 1000 & wait' }, { signal: leaving.signal })
    const gone = expect(asked).rejects.toThrow(/abort/)
    await waitFor('it to run', async () => await sleepers() === 2)
    leaving.abort()
    await gone
    await waitFor('its processes to be gone', async () => await sleepers() === 0)
  })

  it('ends with its command, and names what that has left running, which lives on', async () => {
    const { output, left, executionTime } = await user.exec(id, 'python3 -m http.server 8123 & sleep 1000 & nohup setsid sleep 1000 & sleep 0.5; echo started')
    expect([output.endsWith('started\n'), left.map(({ name }) => name).sort()]).toEqual([true, ['python3', 'sleep', 'sleep']])
    expect(executionTime).toBeLessThan(10_000)
    // It prints a line for every request.
    for (let n = 0; n < 3; n++) expect((await user.exec(id, ['python3', '-c', 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8123/").status)'])).output).toBe('200\n')
    expect(await sleepers()).toBe(2)
    await user.exec(id, `kill ${left.map(({ pid }) => pid).join(' ')}`)
    await waitFor('them to be gone', async () => await sleepers() === 0)
  })

  it('runs in the shell that terminals have', async () => {
    expect((await user.exec(id, 'echo $BASH_VERSION; [[ a == a ]] && echo {1..3}')).output).toMatch(/^5\.\d.*\n1 2 3\n$/)
  })

  it('ends when the project is stopped', async () => {
    const running = user.exec(id, 'echo begun; touch running; sleep 1000')
    await waitFor('it to run', async () => (await user.exec(id, 'ls')).output.includes('running'))
    const before = performance.now()
    await user.stop(id)
    expect(await running).toMatchObject({ status: 'killed', output: 'begun\n' })
    expect(performance.now() - before).toBeLessThan(5_000 * patience)
  })

  it('is not what a stop of a project at rest waits for', async () => {
    await user.start(id)
    // Looks for open ports, for which an agent may stay in the container.
    await user.status(id)
    const before = performance.now()
    await user.stop(id)
    expect(performance.now() - before).toBeLessThan(5_000 * patience)
  })

  it('is cut at the output limit', async () => {
    const result = await user.exec(id, 'yes')
    expect(result).toMatchObject({ status: 'output_limit', truncated: { output: true, error: false } })
    expect(result.output.length).toBe(64 * 1024)
  })

  it('that needs too much memory is told so, and the project goes on', async () => {
    expect(await user.exec(id, ['python3', '-c', 'x = bytearray(10**9)'])).toMatchObject({ status: 'memory_limit' })
    expect(await user.exec(id, 'echo fine')).toMatchObject({ output: 'fine\n' })
  })

  it('runs beside others', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, async (_, i) => await user.exec(id, `sleep 0.2; echo ${i}`)))
    expect(answers.map(({ output }) => output)).toEqual(['0\n', '1\n', '2\n', '3\n', '4\n'])
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['no command', {}, 'VALIDATION_FAILED'],
    ['a wrong type', { cmd: 7 }, 'VALIDATION_FAILED'],
    ['an unknown field', { cmd: 'true', shell: 'zsh' }, 'VALIDATION_FAILED'],
    ['a longer time than is allowed', { cmd: 'true', timeout: 20_001 }, 'BAD_LIMIT'],
    ['a directory that leaves', { cmd: 'true', cwd: '..' }, 'BAD_PATH'],
    ['a directory that is not there', { cmd: 'true', cwd: 'nowhere' }, 'BAD_PATH']
  ])('%s is refused with 400', async (_name, body, code) => {
    const { status, body: answer } = await user.call('POST', `/projects/${id}/exec`, body)
    expect([status, answer.code]).toEqual([400, code])
  })
})
