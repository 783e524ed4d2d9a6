import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv } from '../../../src/docker/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { filesOf, type Files } from '../files/client.ts'
import { signUp, type User } from '../projects/user.ts'
import { connect } from '../sessions/client.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { openTerminal } from '../../support/terminal-client.ts'

const docker = createDockerClient(endpointFromEnv(process.env))
const { Runtimes } = await docker.system.info()
const isThere = Runtimes['runsc'] !== undefined
// `make test` gives it to an Engine that it has started itself, and changes nobody else's.
if (!isThere) console.warn('skipped: this Engine has no runtime "runsc"; see gVisor in src/sandbox/README.md')

const MIB = 2 ** 20

let berth: Berth
beforeAll(async () => {
  if (isThere) berth = await startBerth({ SANDBOX_RUNTIME: 'runsc', RUNTIMES: 'python,bash,c' })
})
afterAll(async () => {
  if (isThere) await berth.stop()
  await docker.close()
})

const python = async (code: string, more: Record<string, unknown> = {}) => await berth.execute({ language: 'python', code, timeout: 20_000, ...more })

async function containersOfRuns () {
  return await docker.containers.list({ filters: { label: [`berth.instance=${berth.instanceId}`, 'berth.kind=run'] } })
}

describe.skipIf(!isThere)('a run under gVisor', () => {
  it('is under gVisor', async () => {
    expect((await python('import os; print(os.uname().release)')).output).toBe('4.4.0\n')
    for (const { Id } of await containersOfRuns()) {
      expect((await docker.containers.inspect(Id)).HostConfig).toMatchObject({ Runtime: 'runsc' })
    }
  })

  it('has files, input, arguments, times and artifacts', async () => {
    const result = await python('import sys; open("made.txt", "w").write(input() + sys.argv[1] + open("data.txt").read())', {
      files: [{ path: 'main.py', content: 'import sys; open("made.txt", "w").write(input() + sys.argv[1] + open("data.txt").read())' }, { path: 'data.txt', content: 'c' }],
      code: undefined,
      input: 'a\n',
      args: ['b'],
      artifacts: ['made.txt']
    })
    expect(result).toMatchObject({ status: 'completed', exitCode: 0, artifacts: [{ path: 'made.txt', size: 3 }] })
    expect(result.cpuTime).toBeGreaterThan(1)
    expect(result.memory).toBeGreaterThan(2 * MIB)
  })

  it('is compiled first where the language is', async () => {
    expect(await berth.execute({ language: 'c', code: '#include <stdio.h>\nint main(void) { puts("hi"); return 3; }' }))
      .toMatchObject({ status: 'runtime_error', exitCode: 3, output: 'hi\n', compile: { status: 'completed' } })
  })

  it('ends at its time, with everything that it has started', async () => {
    expect(await python('import subprocess\nsubprocess.Popen(["sleep", "99"], start_new_session=True)\nprint("x", flush=True)\nwhile True: pass', { timeout: 700 }))
      .toMatchObject({ status: 'timeout', output: 'x\n' })
    expect((await python('import os; print(sum(p.isdigit() for p in os.listdir("/proc")))')).output).toBe('2\n')
  })

  it.each([
    ['little by little', 'import time\nprint("x", flush=True)\na = []\nwhile True: a.append(bytearray(2**20)); time.sleep(.001)'],
    ['at once', 'print("x", flush=True)\na = bytearray(700 * 2**20)']
  ])('ends at its memory limit, which it meets %s, and the sandbox lives on', async (_how, code) => {
    expect(await python(code, { memoryLimit: 100 * MIB })).toMatchObject({ status: 'memory_limit', output: 'x\n' })
    expect(await python('print(len(bytearray(40 * 2**20)))', { memoryLimit: 100 * MIB })).toMatchObject({ status: 'completed' })
  })

  it('says memory_limit when the whole container ran out of memory before the agent looked', async () => {
    expect(await python('import mmap\nm = mmap.mmap(-1, 4 * 2**30)\nfor i in range(0, 4 * 2**30, 4096): m[i] = 1', { memoryLimit: 512 * MIB }))
      .toMatchObject({ status: 'memory_limit' })
  })

  it('ends at its output limit', async () => {
    expect(await python('while True: print("x" * 99)', { outputLimit: 10_000 })).toMatchObject({ status: 'output_limit', truncated: { output: true } })
  })

  it('has so many processes and no more, and survives wanting them', async () => {
    const result = await berth.execute({ language: 'bash', code: 'f() { f | f & }; f 2>/dev/null; sleep 1; echo alive', timeout: 10_000 })
    expect(['completed', 'timeout', 'runtime_error']).toContain(result.status)
    expect((await berth.execute({ language: 'bash', code: 'echo next' })).output).toBe('next\n')
  })
})

describe.skipIf(!isThere)('a reset under gVisor', () => {
  it('leaves nothing of the run before to the next one', async () => {
    const before = (await containersOfRuns()).map(({ Id }) => Id).sort()
    await python('import os\nfor d in ("/workspace", "/tmp", "/dev/shm"): os.makedirs(d + "/a/.b"); open(d + "/a/.b/c", "w").write("x")')
    expect((await python('import os; print([os.listdir(d) for d in ("/workspace", "/tmp", "/dev/shm")])')).output).toBe('[[\'main.py\'], [], []]\n')
    expect((await containersOfRuns()).map(({ Id }) => Id).sort()).toEqual(before)
  })

  it('is given up where it cannot be verified: with shared memory left behind', async () => {
    const make = 'import ctypes; print(ctypes.CDLL(None).shmget(7, 4096, 0o1600))'
    expect((await python(make)).output).toMatch(/^\d+\n$/)
    // IPC_EXCL on the same key fails if the segment is still there.
    expect((await python('import ctypes; print(ctypes.CDLL(None).shmget(7, 4096, 0o3600) >= 0)')).output).toBe('True\n')
  })

  it('needs to look for no message queue, as none can be made', async () => {
    const result = await python('import ctypes, errno\nl = ctypes.CDLL(None, use_errno=True)\nprint(l.mq_open(b"/q", 0o102, 0o600, None), errno.errorcode[ctypes.get_errno()])')
    expect(result.output).toBe('-1 ENOSYS\n')
  })
})

describe.skipIf(!isThere)('a session under gVisor', () => {
  it.each([
    ['python', 'print("got", input("name? "))'],
    ['bash', 'printf "name? "; read -r name; echo "got $name"']
  ])('asks for input in %s', async (language, code) => {
    const client = await connect(berth)
    client.send({ type: 'execute', language, code })
    await client.until('the question', () => client.count('input_required') === 1)
    expect(client.output()).toBe('name? ')
    client.send({ type: 'input', data: 'Ada\n' })
    expect(await client.closed).toBe(1000)
    expect(client.output()).toBe('name? got Ada\n')
    expect(client.count('input_required')).toBe(1)
  })

  it('does not ask when it sleeps, and its sleep lasts as long as it should', async () => {
    const client = await connect(berth)
    client.send({ type: 'execute', language: 'python', code: 'import time\nbegun = time.monotonic()\ntime.sleep(1)\nprint(time.monotonic() - begun)' })
    expect(await client.closed).toBe(1000)
    expect(client.count('input_required')).toBe(0)
    expect(Number(client.output())).toBeGreaterThanOrEqual(1)
  })

  it('passes signals on', async () => {
    const client = await connect(berth)
    client.send({ type: 'execute', language: 'python', code: 'try: input()\nexcept KeyboardInterrupt: print("interrupted")' })
    await client.until('its wait', () => client.count('input_required') === 1)
    client.send({ type: 'signal', signal: 'SIGINT' })
    expect(await client.closed).toBe(1000)
    expect(client.output()).toBe('interrupted\n')
  })
})

describe.skipIf(!isThere)('a project under gVisor', () => {
  let user: User
  let id: string
  let files: Files
  beforeAll(async () => {
    user = await signUp(berth.origin)
    id = (await user.createProject({ files: [{ path: 'main.py', content: 'print(6 * 7)' }] })).id
    files = filesOf(berth.origin, user, id)
  })
  afterAll(async () => await user.remove(id))

  it('has files while it is stopped, and the same ones while it runs', async () => {
    const etag = await files.put('notes/a.txt', 'one')
    expect((await files.send('PUT', 'notes/a.txt', 'two', { 'If-None-Match': '*' })).status).toBe(412)
    expect((await files.send('PUT', 'notes/a.txt', 'two', { 'If-Match': etag })).status).toBe(204)
    expect((await user.exec(id, 'cat notes/a.txt; uname -r')).output).toBe('two4.4.0\n')
    expect((await files.operate({ op: 'move', path: 'notes/a.txt', to: 'b.txt' })).status).toBe(200)
    expect(await files.text('b.txt')).toBe('two')
    expect((await user.exec(id, 'python3 main.py')).output).toBe('42\n')
  })

  it('tells what its programs change', async () => {
    const socket = files.connect()
    await socket.ready()
    await socket.watch('/', { recursive: true })
    await user.exec(id, 'echo x > seen.txt')
    await socket.message({ type: 'change', path: 'seen.txt' })
    await socket.close()
  })

  it('has a terminal that follows its size, and is interrupted', async () => {
    const client = openTerminal(`${berth.origin}/terminal/${id}?cols=101&rows=31`, { headers: { 'X-API-Key': user.key } })
    await client.hello()
    await client.shows(/[$] $/)
    client.type('stty size; whoami\n')
    await client.shows('31 101\r\nsandbox\r\n')
    // What it says itself, so that it is in front by then.
    client.type('sh -c \'printf "%s\\n" slee"ping"; exec sleep 99\'\n')
    await client.shows('sleeping\r\n')
    client.clear()
    // Shown as it is there, and not as ^C.
    client.type('\x03')
    await client.shows(/[$] /)
    client.type('echo $((6 * 7))\n')
    await client.shows('42\r\n')
    client.type('exit 3\n')
    expect((await client.closed).code).toBe(1000)
    expect(await client.message('exit')).toEqual({ type: 'exit', code: 3 })
  })

  it('keeps its files when it is stopped and started', async () => {
    await user.stop(id)
    await waitFor('its end', async () => (await user.status(id)).status === 'stopped')
    expect(await files.text('b.txt')).toBe('two')
    expect((await user.exec(id, 'cat b.txt')).output).toBe('two')
  })
})

describe.skipIf(!isThere)('an Engine without the runtime', () => {
  it('is what a language that is not ready says, and not that its image is missing', async () => {
    const without = await startBerth({ SANDBOX_RUNTIME: 'runsc-nowhere', RUNTIMES: 'bash' })
    try {
      const response = await without.post({ language: 'bash', code: 'echo 1' })
      expect(response.status).toBe(503)
      expect(((await response.json()) as { message: string }).message).toContain('has no runtime "runsc-nowhere"')
    } finally {
      await without.stop()
    }
  })
})
