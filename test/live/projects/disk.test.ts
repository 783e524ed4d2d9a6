import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { ProjectStatusReport } from '../../../src/projects/core/schemas.ts'
import { createDatabase } from '../../support/test-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { signUp, userWithKey, type User } from './user.ts'

const MIB = 1024 ** 2
const LIMIT = 64 * MIB

let berth: Berth
let user: User
let id: string

beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_SIZE: '64m', SNAPSHOT_INTERVAL: 'off' }, { settings: { projects: { entries: 3_000 } } })
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())
beforeEach(async () => { ({ id } = await user.createProject()) })
afterEach(async () => await user.remove(id))

/** What the program did until it ended, or was ended; its own answer does not matter. */
const run = (cmd: string) => user.call('POST', `/projects/${id}/exec`, { cmd, timeout: 60_000 })

async function stopped (): Promise<ProjectStatusReport> {
  return await waitFor('the guard to stop the project', async () => {
    const status = await user.status(id)
    return status.status === 'stopped' && status.error !== null && status
  }, 30_000)
}

describe('a project whose programs write too much', () => {
  it.each([
    ['one file after the other', 'for i in $(seq 200); do head -c 8000000 /dev/zero > $i; done'],
    ['one file that grows', 'dd if=/dev/zero of=big bs=1M count=900'],
    ['a file that it maps and touches', 'python3 -c "\nimport mmap, os\nfile = os.open(\'mapped\', os.O_RDWR | os.O_CREAT)\nos.truncate(file, 900 << 20)\nmemory = mmap.mmap(file, 900 << 20)\nfor at in range(0, 900 << 20, 4096): memory[at] = 1\nimport time; time.sleep(60)"'],
    ['in directories that it closes', 'mkdir closed; cd closed; chmod 300 .; dd if=/dev/zero of=big bs=1M count=900; sleep 60']
  ])('is stopped: %s', async (_name, cmd) => {
    const [{ error, files }] = await Promise.all([stopped(), run(cmd)])
    expect(error).toMatch(/stopped, as its files take more than the 67108864 bytes.*Delete files/)
    expect(files).toMatchObject({ limit: LIMIT })
    expect(files.size).toBeGreaterThan(LIMIT)
  }, 90_000)

  it.each([
    ['files', 'i=0; while :; do i=$((i+1)); : > f$i || exit; done'],
    ['directories', 'python3 -c "\nimport os\nfor number in range(10**6): os.mkdir(str(number))"'],
    ['names of one file', 'touch one; python3 -c "\nimport os\nfor number in range(60000): os.link(\'one\', str(number))\nimport time; time.sleep(60)"']
  ])('is stopped: too many %s', async (_name, cmd) => {
    const [{ error }] = await Promise.all([stopped(), run(cmd)])
    expect(error).toMatch(/stopped, as it has more than the 3000 files.*Delete files/)
  }, 90_000)

  it('is stopped though it holds up whatever measures it from inside', async () => {
    const hold = 'while :; do for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = agent ] && [ $p != /proc/1 ] && kill -STOP $(basename $p); done; done'
    await Promise.all([stopped(), run(`(${hold}) & dd if=/dev/zero of=big bs=1M count=900; sleep 60`)])
  }, 90_000)

  it('cannot be started before something is deleted, which works while it is stopped', async () => {
    await Promise.all([stopped(), run('dd if=/dev/zero of=big bs=1M count=900')])
    expect(await user.call('POST', `/projects/${id}/start`)).toMatchObject({ status: 409, body: { code: 'PROJECT_TOO_LARGE', message: expect.stringMatching(/Delete files/) } })
    expect(await user.status(id)).toMatchObject({ status: 'stopped', error: expect.stringMatching(/Delete files/) })
    expect((await user.send('PUT', `/projects/${id}/files/more`, undefined, { body: 'x' })).status).toBe(413)
    expect((await user.call('DELETE', `/projects/${id}/files/big`)).status).toBe(204)
    expect(await user.start(id)).toMatchObject({ status: 'running', error: null })
  }, 90_000)

  it('goes on with holes, which take nothing of the disk, and with what it deletes again', async () => {
    const made = await user.exec(id, 'truncate -s 1G hole; for i in $(seq 6); do head -c 50000000 /dev/zero > file; sleep 0.4; rm file; done; echo done')
    expect(made).toMatchObject({ output: 'done\n' })
    expect(await user.status(id)).toMatchObject({ status: 'running', error: null })
  })
})

describe('space that is taken without writing', () => {
  const python = (body: string) => ['python3', '-c', `import ctypes, fcntl, os, struct\nlibc = ctypes.CDLL(None, use_errno=True)\nfile = os.open('file', os.O_RDWR | os.O_CREAT)\n${body}`]
  it.each([
    ['fallocate', 'libc.syscall(285, file, 0, ctypes.c_long(0), ctypes.c_long(1 << 29))\nprint(ctypes.get_errno())', '95'],
    ['fallocate beyond the end', 'libc.syscall(285, file, 1, ctypes.c_long(0), ctypes.c_long(1 << 29))\nprint(ctypes.get_errno())', '95'],
    ['reservation by ioctl', 'try: fcntl.ioctl(file, 0x4030582a, struct.pack(\'hhxxxxqqiI16x\', 0, 0, 0, 1 << 29, 0, 0))\nexcept OSError as error: print(error.errno)', '25'],
    ['extent hints and project ids', 'try: fcntl.ioctl(file, 0x401c5820, bytes(28))\nexcept OSError as error: print(error.errno)', '25']
  ])('is not given: %s', async (_name, body, errno) => {
    expect(await user.exec(id, python(body))).toMatchObject({ output: `${errno}\n` })
    expect((await user.exec(id, 'stat -c %b file')).output).toBe('0\n')
  })

  it('is given back by holes, and a program that asks for it gets it by writing', async () => {
    const made = await user.exec(id, python('os.posix_fallocate(file, 0, 1 << 20)\nprint(os.fstat(file).st_blocks)\nprint(libc.syscall(285, file, 3, ctypes.c_long(0), ctypes.c_long(1 << 20)), os.fstat(file).st_blocks)'))
    expect(made).toMatchObject({ output: '2048\n0 0\n' })
  })
})

describe('the reserve of free disk', () => {
  it('is what the system says, with what enforces the size of projects', async () => {
    const { disk } = await (await berth.get('/api/system')).json() as { disk: Record<string, unknown> }
    expect(disk).toMatchObject({ enforcement: expect.stringMatching(/^(quota|guard)$/), total: expect.any(Number), free: expect.any(Number), reserve: expect.any(Number), data: { free: expect.any(Number) } })
    expect(disk.free).toBeLessThan(disk.total as number)
    expect(disk.reserve).toBeLessThan(disk.total as number)
  })

  it('refuses what needs space while there is less, and nothing that gives some back', async () => {
    const database = await createDatabase(inject('databaseServerUrl'))
    const before = await startProjectsBerth({ DATABASE_URL: database.url })
    const full = await startProjectsBerth({ DATABASE_URL: database.url, DISK_RESERVE: '1000000g' })
    const { createProject, key } = await signUp(before.origin)
    const project = await createProject()
    const other = userWithKey(full.origin, key)
    const refused = { status: 507, body: { code: 'DISK_FULL', message: expect.stringMatching(/nearly full/) } }
    expect(await other.call('POST', `/projects/${project.id}/start`)).toMatchObject(refused)
    expect(await other.call('POST', `/projects/${project.id}/exec`, { cmd: 'true' })).toMatchObject(refused)
    expect((await other.send('PUT', `/projects/${project.id}/files/a`, undefined, { body: 'x' })).status).toBe(507)
    expect((await other.send('PUT', `/projects/${project.id}/archive`, undefined, { body: Buffer.alloc(1024), headers: { 'X-API-Key': other.key, 'Content-Type': 'application/x-tar' } })).status).toBe(507)
    expect(await other.call('POST', `/projects/${project.id}/snapshots`, {})).toMatchObject(refused)
    expect(await other.call('POST', `/projects/${project.id}/fork`, { name: 'fork' })).toMatchObject(refused)
    expect(await other.call('POST', '/projects', { name: 'more', runtime: 'python' })).toMatchObject(refused)
    expect(await other.status(project.id)).toMatchObject({ status: 'stopped' })
    expect(await other.call('GET', `/projects/${project.id}/files`)).toMatchObject({ status: 200 })
    await other.remove(project.id)
    await Promise.all([full.stop(), before.stop()])
    await database.drop()
  })
})
