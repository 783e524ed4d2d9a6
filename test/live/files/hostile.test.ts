import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Listing } from '../../../src/projects/files/schemas.ts'
import { openFiles, type FilesClient } from '../../support/files-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'

let berth: Berth
let user: User
let id: string
let files: FilesClient

beforeAll(async () => {
  berth = await startProjectsBerth({ RATE_LIMIT: 'off', PROJECT_SIZE: '64m' })
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())
beforeEach(async () => {
  ;({ id } = await user.createProject())
  await user.start(id)
  files = await openFiles(berth.origin, id, user.key)
})
afterEach(async () => {
  await files.close()
  await user.remove(id)
})

/** Runs a program in the project to its end. */
async function python (program: string): Promise<string> {
  const { output, error } = await user.exec(id, ['python3', '-c', `import os, socket\n${program}`])
  expect(error).toBe('')
  return output
}

const get = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  await fetch(`${berth.origin}/projects/${id}/files/${path}`, { headers: { 'X-API-Key': user.key, ...headers } })

describe('what is no file', () => {
  it.each([
    ['a FIFO', 'os.mkfifo("thing")'],
    ['a socket', 'socket.socket(socket.AF_UNIX).bind("thing")']
  ])('is shown, moved and deleted, and never opened: %s', async (_what, make) => {
    await python(make)
    expect(await files.get('stat', { path: 'thing' })).toMatchObject({ entry: { type: 'other' } })
    expect(await files.call('read', { path: 'thing' })).toMatchObject({ ok: false, code: 'NOT_A_FILE' })
    expect(await files.call('write', { path: 'thing', content: 'x' })).toMatchObject({ ok: false, code: 'NOT_A_FILE' })
    expect(await files.call('copy', { path: 'thing', to: 'copied' })).toMatchObject({ ok: false, code: 'NOT_A_FILE' })
    expect((await get('thing')).status).toBe(400)
    await files.get('move', { path: 'thing', to: 'moved' })
    await files.get('delete', { path: 'moved' })
    expect(await files.get('list', { path: '/' })).toMatchObject({ entries: [] })
  })

  it('and takes a file\'s place is not waited for', async () => {
    await python('open("file", "w").write("text")')
    const swapping = user.exec(id, ['python3', '-c', `
import os
os.mkfifo("fifo")
while not os.path.exists("stop"):
  os.rename("file", "kept"); os.rename("fifo", "file")
  os.rename("file", "fifo"); os.rename("kept", "file")`])
    for (let n = 0; n < 500; n++) {
      const answer = await files.call('read', { path: 'file' })
      expect(answer.ok ? answer.content : answer.code).toMatch(/^(text|NOT_A_FILE|FILE_NOT_FOUND)$/)
    }
    await files.get('write', { path: 'stop', content: '' })
    expect(await swapping).toMatchObject({ status: 'completed', error: '' })
  })
})

describe('a file', () => {
  it('with a second name keeps its content under that when it is written under the first', async () => {
    await python('open("one", "w").write("old"); os.link("one", "two")')
    await files.get('write', { path: 'one', content: 'new' })
    expect(await python('print(open("one").read(), open("two").read())')).toBe('new old\n')
  })

  it('that is mostly a hole is read where it is asked for, and counts for what it takes', async () => {
    await python('f = open("sparse", "wb"); f.truncate(2**29); f.seek(2**28); f.write(b"here")')
    const response = await get('sparse', { Range: `bytes=${2 ** 28 - 2}-${2 ** 28 + 5}` })
    expect([response.status, Buffer.from(await response.arrayBuffer()).toString('latin1')]).toEqual([206, '\0\0here\0\0'])
    expect(await files.call('write', { path: 'more', content: 'x' })).toMatchObject({ ok: true })
  })

  it('that grows is sent as long as it was, and one that shrinks ends its answer', async () => {
    await python('open("file", "wb").write(b"x" * 4_000_000)')
    const changing = user.exec(id, ['python3', '-c', `
import os
while not os.path.exists("stop"):
  with open("file", "ab") as f: f.write(b"x" * 500_000)
  if os.path.getsize("file") > 8_000_000: os.truncate("file", 4_000_000)`])
    const outcomes = new Set<string>()
    await waitFor('both kinds of answers', async () => {
      const response = await get('file')
      const length = Number(response.headers.get('content-length'))
      const body = await response.arrayBuffer().then((bytes) => Buffer.from(bytes), () => undefined)
      outcomes.add(body === undefined ? 'cut off' : 'whole')
      if (body !== undefined) expect([body.length, body.every((byte) => byte === 120)]).toEqual([length, true])
      return outcomes.size === 2
    }, 30_000)
    await files.get('write', { path: 'stop', content: '' })
    expect(await changing).toMatchObject({ status: 'completed', error: '' })
  })

  it('and directory that are read-only are not written, and deleted when that is what was asked', async () => {
    await python('open("file", "w").write("old"); os.chmod("file", 0o444); os.mkdir("dir"); open("dir/in", "w").write("old"); os.chmod("dir", 0o555)')
    expect(await files.call('write', { path: 'dir/in', content: 'new' })).toMatchObject({ ok: false, code: 'FILE_DENIED' })
    expect(await files.call('write', { path: 'dir/other', content: 'new' })).toMatchObject({ ok: false, code: 'FILE_DENIED' })
    expect(await python('print(open("dir/in").read(), os.listdir("dir"))')).toBe('old [\'in\']\n')
    await files.get('delete', { path: 'dir' })
    expect(await files.call('write', { path: 'file', content: 'new' })).toMatchObject({ ok: false, code: 'FILE_DENIED' })
    expect(await python('print(open("file").read(), oct(os.stat("file").st_mode & 0o777))')).toBe('old 0o444\n')
  })
})

it('ten thousand files that appear at once in new directories are each heard of as created, or the client is told to list again', async () => {
  files.say({ type: 'watch', path: '/', exclude: [] })
  await files.hears('watching')
  const created = new Set<string>()
  let isLost = false
  files.listen((message) => {
    if (message.type === 'overflow') isLost = true
    if (message.type === 'change' && message.kind === 'created' && message.entryType === 'file') created.add(message.path)
  })
  await python(`
for package in range(500):
  os.makedirs(f"node_modules/{package}/lib")
  for n in range(20):
    with open(f"node_modules/{package}/" + ("lib/" if n % 2 else "") + str(n), "w") as file: file.write("x" * 512)`)
  await waitFor('all files, or an overflow', () => created.size === 10_000 || isLost, 30_000)
})

describe('names', () => {
  it('are as long as the kernel takes, and no longer', async () => {
    const path = (bytes: number): string => 'directory/'.repeat(Math.floor(bytes / 10)) + 'x'.repeat(bytes % 10)
    await files.get('write', { path: path(4095), content: 'deep' })
    expect(await files.get('read', { path: path(4095) })).toMatchObject({ content: 'deep' })
    expect(await files.call('write', { path: path(4096), content: 'x' })).toMatchObject({ ok: false, code: 'BAD_PATH' })
    await files.get('delete', { path: 'directory' })
    expect(await files.get('list', { path: '/' })).toMatchObject({ entries: [] })
  })

  it('that no path reaches any more are listed as far as possible, and deleted', async () => {
    await python(`
for _ in range(600):
  os.mkdir("directory"); os.chdir("directory")
open("bottom", "w").close()`)
    expect(await files.get('list', { path: '/', depth: 40 })).toMatchObject({ truncated: false, entries: { length: 40 } })
    expect(await files.call('find', { path: '/', name: 'bottom' })).toMatchObject({ ok: true, matches: [] })
    await files.get('delete', { path: 'directory' })
    expect(await python('print(os.listdir())')).toBe('[]\n')
  })

  it('of a hundred thousand files in one directory are listed page by page, while other work goes on', async () => {
    await python('os.mkdir("many")\nfor n in range(100_000): open(f"many/{n:05}", "w").close()')
    const names = new Set<string>()
    const reading = readUntil(() => names.size === 100_000)
    let cursor: string | null = ''
    do {
      const page: Listing = await files.get('list', { path: 'many', limit: 10_000, ...(cursor === '' ? {} : { cursor }) }) as unknown as Listing
      for (const { path } of page.entries) names.add(path)
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(names.size).toBe(100_000)
    expect(await reading).toBeLessThan(1_000)
    await files.get('delete', { path: 'many' })
  })

  /** How long the slowest of many small reads took, in milliseconds. */
  async function readUntil (isDone: () => boolean): Promise<number> {
    const other = await openFiles(berth.origin, id, user.key)
    await other.get('write', { path: 'small', content: 'x' })
    let slowest = 0
    while (!isDone()) {
      const start = performance.now()
      await other.get('read', { path: 'small' })
      slowest = Math.max(slowest, performance.now() - start)
    }
    await other.close()
    return slowest
  }
})
