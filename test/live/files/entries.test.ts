import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'
import { filesOf, type Files } from './client.ts'

let berth: Berth
let user: User
let id: string
let files: Files
beforeAll(async () => {
  berth = await startProjectsBerth()
  user = await signUp(berth.origin)
  ;({ id } = await user.createProject())
  files = filesOf(berth.origin, user, id)
  await user.start(id)
})
afterAll(async () => {
  await user.remove(id)
  await berth.stop()
})

const inside = async (script: string): Promise<string> => (await user.exec(id, script)).output
const pathsOf = async (query: string): Promise<string[]> => (await files.list(query)).entries.map(({ path }) => path)

describe('a listing', () => {
  it('is by name, each directory before its content, as deep as is asked', async () => {
    await inside('mkdir -p tree/b/c && touch tree/a tree/b/1 tree/b/c/2 tree/z && chmod 640 tree/a')
    expect(await pathsOf('path=tree')).toEqual(['tree/a', 'tree/b', 'tree/z'])
    expect(await pathsOf('path=tree/&depth=3')).toEqual(['tree/a', 'tree/b', 'tree/b/1', 'tree/b/c', 'tree/b/c/2', 'tree/z'])
    expect(await pathsOf('path=tree&depth=3&exclude=c')).toEqual(['tree/a', 'tree/b', 'tree/b/1', 'tree/b/c', 'tree/z'])
    const { entries } = await files.list('path=tree')
    expect(entries[0]).toEqual({ path: 'tree/a', type: 'file', size: 0, mode: 0o640, mtime: expect.stringMatching(/Z$/), etag: expect.any(String) })
    expect(entries[0]?.etag).toBe((await files.send('HEAD', 'tree/a')).headers.get('etag'))
  })

  it('comes in pages', async () => {
    await inside('mkdir paged && cd paged && seq -f %04g 1 250 | xargs touch')
    const seen: string[] = []
    let cursor: string | null = ''
    for (let page = 0; cursor !== null; page++) {
      const listing = await files.list(`path=paged&limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`)
      expect(listing.truncated).toBe(page < 2)
      seen.push(...listing.entries.map(({ path }) => path))
      cursor = listing.nextCursor
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, index) => `paged/${String(index + 1).padStart(4, '0')}`))
  })

  it.each(['path=nowhere', 'path=..', 'path=/etc', 'cursor=%00', 'depth=0', 'depth=41', 'limit=100001', 'path=tree/a'])('with ?%s is refused', async (query) => {
    await expect(files.list(query)).rejects.toThrow(/^40[04] /)
  })
})

describe('what is no plain file', () => {
  it('is shown as what it is, and links are followed only within the project', async () => {
    await files.put('target.txt', 'content')
    await inside('ln -s target.txt inner; ln -s /etc/passwd outer; ln -s ../../etc up; ln -s nowhere dangling; ln -s /workspace/target.txt absolute; mkfifo pipe; mkdir plain')
    const byPath = new Map((await files.list()).entries.map((entry) => [entry.path, entry]))
    expect(byPath.get('inner')).toMatchObject({ type: 'symlink', target: 'target.txt' })
    expect(byPath.get('outer')).toMatchObject({ type: 'symlink', target: '/etc/passwd' })
    expect(byPath.get('pipe')).toMatchObject({ type: 'other' })
    expect(await files.text('inner')).toBe('content')
    const answers = await Promise.all(['outer', 'up/passwd', 'absolute', 'dangling', 'pipe', 'plain'].map(async (path) => {
      const response = await files.send('GET', path)
      return [path, response.status, (await response.json() as { code: string }).code]
    }))
    expect(answers).toEqual([
      ['outer', 400, 'BAD_PATH'], ['up/passwd', 400, 'BAD_PATH'], ['absolute', 400, 'BAD_PATH'],
      ['dangling', 404, 'FILE_NOT_FOUND'], ['pipe', 400, 'NOT_A_FILE'], ['plain', 400, 'NOT_A_FILE']
    ])
    for (const path of ['outer', 'up/new', 'pipe', 'plain']) expect((await files.send('PUT', path, 'x')).status).toBe(400)
    expect((await files.send('HEAD', 'plain')).status).toBe(400)
  })

  it('stays a link when it is written through, and goes alone when it is deleted', async () => {
    await inside('mkdir -p linked && echo old > linked/file && ln -s linked/file through')
    await files.put('through', 'new')
    expect(await inside('readlink through; cat linked/file')).toBe('linked/file\nnew')
    expect((await files.send('DELETE', 'through')).status).toBe(204)
    expect(await files.text('linked/file')).toBe('new')
  })

  it('keeps its mode, and its permissions', async () => {
    await inside('echo > script.sh; chmod 755 script.sh; mkdir closed; chmod 555 closed; echo secret > sealed; chmod 000 sealed')
    await files.put('script.sh', '#!/bin/sh')
    expect(await inside('stat -c %a script.sh')).toBe('755\n')
    expect(await (await files.send('PUT', 'closed/new', 'x')).json()).toMatchObject({ statusCode: 403, code: 'FILE_DENIED' })
    expect(await (await files.send('GET', 'sealed')).json()).toMatchObject({ statusCode: 403, code: 'FILE_DENIED' })
    expect((await files.send('DELETE', 'closed')).status).toBe(204)
  })
})

describe('names that are not UTF-8', () => {
  it('are shown so that they can be sent back', async () => {
    await inside('mkdir odd && cd odd && printf x > "$(printf \'caf\\351.txt\')"')
    expect(await pathsOf('path=odd')).toEqual(['odd/caf\udce9.txt'])
    expect(await files.operate({ op: 'move', path: 'odd/caf\udce9.txt', to: 'odd/café.txt' })).toMatchObject({ status: 200, body: { path: 'odd/café.txt' } })
    expect(await files.text('odd/café.txt')).toBe('x')
  })

  it('are named in a URL byte by byte', async () => {
    const url = `${files.base}/bytes/caf%E9%FF.txt`
    const send = async (method: string, body?: string): Promise<Response> => await fetch(url, { method, headers: { 'X-API-Key': user.key }, ...(body === undefined ? {} : { body }) })
    expect((await send('PUT', 'content')).status).toBe(201)
    expect(await pathsOf('path=bytes')).toEqual(['bytes/caf\udce9\udcff.txt'])
    const read = await send('GET')
    expect([read.status, await read.text(), read.headers.get('content-type')]).toEqual([200, 'content', 'text/plain; charset=utf-8'])
    expect((await send('HEAD')).headers.get('content-length')).toBe('7')
    expect((await send('DELETE')).status).toBe(204)
    expect(await (await send('GET')).json()).toMatchObject({ statusCode: 404, code: 'FILE_NOT_FOUND' })
  })

  it.each(['bytes/%zz', '%FF/..%2F..', '%FF/%2e%2e/x', '%FF%00'])('%s is refused', async (path) => {
    expect(await files.sendRaw('PUT', path)).toMatchObject({ status: 400, body: { code: 'BAD_PATH' } })
  })
})

describe('operations', () => {
  it('make, move and copy', async () => {
    expect(await files.operate({ op: 'mkdir', path: 'made/deep' })).toMatchObject({ status: 200, body: { path: 'made/deep', type: 'directory' } })
    expect(await files.operate({ op: 'mkdir', path: 'made/deep' })).toMatchObject({ status: 409, body: { code: 'FILE_EXISTS' } })
    await files.put('made/file', 'content')
    expect(await files.operate({ op: 'copy', path: 'made', to: 'copied' })).toMatchObject({ status: 200, body: { path: 'copied', type: 'directory' } })
    expect(await files.operate({ op: 'move', path: 'copied/file', to: 'elsewhere/moved' })).toMatchObject({ status: 200, body: { path: 'elsewhere/moved' } })
    expect(await files.text('elsewhere/moved')).toBe('content')
    expect(await files.operate({ op: 'move', path: 'made/file', to: 'elsewhere/moved' })).toMatchObject({ status: 409, body: { code: 'FILE_EXISTS', message: expect.stringContaining('elsewhere/moved') } })
    expect(await files.operate({ op: 'move', path: 'made/file', to: 'elsewhere/moved', overwrite: true })).toMatchObject({ status: 200 })
    expect(await files.operate({ op: 'move', path: 'made', to: 'made/deep/itself' })).toMatchObject({ status: 400, body: { code: 'BAD_PATH' } })
    expect(await files.operate({ op: 'copy', path: 'nowhere', to: 'x' })).toMatchObject({ status: 404, body: { code: 'FILE_NOT_FOUND' } })
    for (const body of [{ op: 'move', path: 'made' }, { op: 'mkdir', path: 'a', to: 'b' }, { op: 'chmod', path: 'made' }, {}]) {
      expect(await files.operate(body)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    }
  })

  it('find by name and by content, without what others have written', async () => {
    await inside('mkdir -p found/src node_modules/x && cd found && echo "let needle = 1" > src/a.ts && echo needle > src/b.js && printf "\\0needle" > binary && echo needle > ../node_modules/x/c.ts')
    const find = async (query: string) => await (await fetch(`${berth.origin}/projects/${id}/find?${query}`, { headers: { 'X-API-Key': user.key } })).json() as { matches: Array<{ path: string, line: number | null }>, truncated: boolean }
    const paths = async (query: string): Promise<string[]> => (await find(query)).matches.map(({ path }) => path).sort()
    expect(await paths('name=*.ts')).toEqual(['found/src/a.ts'])
    expect(await paths('text=needle')).toEqual(['found/src/a.ts', 'found/src/b.js'])
    expect(await paths('text=NEEDLE&ignoreCase=true&name=**/*.js')).toEqual(['found/src/b.js'])
    expect((await find('text=needle&name=*.ts')).matches).toEqual([{ path: 'found/src/a.ts', type: 'file', line: 1, column: 5, text: 'let needle = 1' }])
    expect(await find('text=needle&limit=1')).toMatchObject({ truncated: true })
    expect(await find('')).toMatchObject({ statusCode: 400 })
  })
})

describe('somebody else', () => {
  it('finds no such project', async () => {
    const stranger = filesOf(berth.origin, await signUp(berth.origin), id)
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) expect((await stranger.send(method, 'target.txt', method === 'PUT' ? 'x' : undefined)).status).toBe(404)
    await expect(stranger.list()).rejects.toThrow('PROJECT_NOT_FOUND')
    expect(await stranger.operate({ op: 'mkdir', path: 'x' })).toMatchObject({ status: 404, body: { code: 'PROJECT_NOT_FOUND' } })
    expect((await fetch(files.base)).status).toBe(401)
  })
})
