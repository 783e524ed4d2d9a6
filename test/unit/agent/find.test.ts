import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findFiles } from '../../../src/sandbox/agent-client/find.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { ErrorCode, type FileMatch, type FindRequest } from '../../../src/sandbox/agent-protocol.ts'
import { describeAgent } from '../../support/agent-suite.ts'

async function find (connection: AgentConnection, request: FindRequest) {
  const found: FileMatch[] = []
  const { matches, truncated } = await findFiles(connection, request, { onMatches: (more) => void found.push(...more) })
  expect(matches).toBe(found.length)
  const paths = found.map(({ entry }) => entry.path.toString()).sort()
  const lines = found.map(({ entry, line, column, text }) => `${entry.path.toString()}:${line}:${column}:${text.toString()}`).sort()
  return { found, paths, lines, truncated }
}

describeAgent('finding', ({ connect, root }) => {
  const at = (path: string) => join(root(), path)
  const place = async (files: Record<string, string | Buffer>) => {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(at(path)), { recursive: true })
      await writeFile(at(path), content)
    }
  }

  test.each<[string, string[]]>([
    ['*.ts', ['src/a/main.ts', 'src/b.ts', 'test/b.ts']],
    ['main.*', ['src/a/main.js', 'src/a/main.ts']],
    ['?.ts', ['src/b.ts', 'test/b.ts']],
    ['[sx]*', ['src']],
    ['src/*.ts', ['src/b.ts']],
    ['/src/*.ts', ['src/b.ts']],
    ['src/**', ['src', 'src/a', 'src/a/main.js', 'src/a/main.ts', 'src/b.ts']],
    ['src/**/*.ts', ['src/a/main.ts', 'src/b.ts']],
    ['**/b.ts', ['src/b.ts', 'test/b.ts']],
    ['**/a/**/main.ts', ['src/a/main.ts']],
    ['**/b.ts/**/x', []],
    ['*/*/*/*', []],
    ['MAIN.ts', []],
    ['.hid*', ['.hidden']]
  ])('finds %s by name', async (glob, expected) => {
    await place({ 'src/a/main.ts': '', 'src/a/main.js': '', 'src/b.ts': '', 'test/b.ts': '', '.hidden': '', '.berth-own/b.ts': '' })
    const { connection } = await connect()
    expect((await find(connection, { glob })).paths).toEqual(expected)
  })

  test('finds by name what is no file, and beneath one directory only', async () => {
    await place({ 'a/b/x.txt': '', 'x.txt': '' })
    await symlink('/etc', at('a/x.link'))
    execFileSync('mkfifo', [at('a/x.fifo')])
    const { connection } = await connect()
    const { found, paths } = await find(connection, { path: 'a', glob: 'X.*', ignoreCase: true })
    expect(paths).toEqual(['a/b/x.txt', 'a/x.fifo', 'a/x.link'])
    expect(found.find(({ entry }) => entry.type === 'symlink')).toMatchObject({ line: 0, column: 0, entry: { target: Buffer.from('/etc') } })
    expect((await find(connection, { path: 'a', glob: 'b/*' })).paths).toEqual(['a/b/x.txt'])
  })

  test('finds a text, once in each line, with its place', async () => {
    await place({ 'a.txt': 'one\ntwo needle three needle\r\n\nneedle', 'b.md': 'needle\n', 'c.txt': 'Needle', 'd.txt': '' })
    const { connection } = await connect()
    expect((await find(connection, { text: 'needle', glob: '*.txt' })).lines).toEqual(['a.txt:2:5:two needle three needle\r', 'a.txt:4:1:needle'])
    expect((await find(connection, { text: 'nEEdle', ignoreCase: true })).lines).toEqual([
      'a.txt:2:5:two needle three needle\r', 'a.txt:4:1:needle', 'b.md:1:1:needle', 'c.txt:1:1:Needle'
    ])
    expect((await find(connection, { text: 'é' })).lines).toEqual([])
  })

  test.each([65_530, 65_536, 64_024, 64_025, 130_000])('finds a text that begins %i bytes into a file', async (offset) => {
    const filler = 'x'.repeat(99) + '\n'
    const before = filler.repeat(Math.floor(offset / 100)) + 'y'.repeat(offset % 100)
    await place({ file: `${before}needle\n${filler.repeat(2000)}last needle` })
    const { connection } = await connect()
    const { found } = await find(connection, { text: 'needle' })
    expect(found.map(({ line, column, text }) => [line, column, text.toString()])).toEqual([
      [Math.floor(offset / 100) + 1, offset % 100 + 1, 'y'.repeat(offset % 100) + 'needle'],
      [Math.floor(offset / 100) + 2002, 6, 'last needle']
    ])
  })

  test('shows the part of a long line where the match is', async () => {
    await place({ file: 'a'.repeat(300_000) + 'needle' + 'b'.repeat(300_000) + 'needle\nneedle', near: 'a'.repeat(506) + 'needle' })
    const { connection } = await connect()
    const { found } = await find(connection, { text: 'needle' })
    const file = found.filter(({ entry }) => entry.path.toString() === 'file')
    expect(file.map(({ line, column }) => [line, column])).toEqual([[1, 300_001], [2, 1]])
    expect(file[0]!.text.toString()).toBe('a'.repeat(128) + 'needle' + 'b'.repeat(378))
    expect(found.find(({ entry }) => entry.path.toString() === 'near')!.text).toHaveLength(512)
  })

  test('looks into no binary, no file that is too large, no link and nothing special', async () => {
    await place({ binary: 'needle\0', late: 'x'.repeat(9000) + '\nneedle\0', large: 'x'.repeat(1024 * 1024) + 'needle' })
    await symlink('late', at('link'))
    execFileSync('mkfifo', [at('fifo')])
    const { connection } = await connect()
    expect((await find(connection, { text: 'needle' })).paths).toEqual(['late'])
    expect((await find(connection, { text: 'needle', maxFileBytes: 2_000_000 })).paths).toEqual(['large', 'late'])
  })

  test('leaves out the content of excluded names', async () => {
    await place({ 'node_modules/a/index.js': 'needle', 'lib/node_modules/x.js': 'needle', 'index.js': 'needle' })
    const { connection } = await connect()
    expect((await find(connection, { text: 'needle', exclude: ['node_modules'] })).paths).toEqual(['index.js'])
    expect((await find(connection, { glob: '**', exclude: ['node_modules'] })).paths).toEqual(['index.js', 'lib', 'lib/node_modules', 'node_modules'])
  })

  test('stops at the limit, and says whether there was more', async () => {
    await place({ file: 'needle\n'.repeat(10) })
    const { connection } = await connect()
    expect(await find(connection, { text: 'needle', maxMatches: 10 })).toMatchObject({ truncated: false, paths: { length: 10 } })
    expect(await find(connection, { text: 'needle', maxMatches: 9 })).toMatchObject({ truncated: true, paths: { length: 9 } })
    expect(await find(connection, { glob: 'file', maxMatches: 0 })).toMatchObject({ truncated: true, paths: [] })
  })

  test('says that there may be more where it may not look', async () => {
    await place({ 'closed/file': 'needle', file: 'needle' })
    for (const path of ['', 'closed', 'closed/file']) await chown(at(path), 1000, 1000)
    await chmod(at('closed'), 0)
    const { connection } = await connect({ wrapper: ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'] })
    expect(await find(connection, { text: 'needle' })).toMatchObject({ truncated: true, paths: ['file'] })
  })

  test('sends no more than the client takes', async () => {
    await place({ file: `${'needle '.repeat(60)}\n`.repeat(5000) })
    const { connection } = await connect()
    let handled = 0
    let open = 0
    const { matches } = await findFiles(connection, { text: 'needle', maxMatches: 5000, maxFileBytes: 10_000_000 }, {
      onMatches: async (more) => {
        open++
        expect(open).toBe(1)
        await new Promise(setImmediate)
        handled += more.length
        open--
      }
    })
    expect([matches, handled]).toEqual([5000, 5000])
  })

  test('ends with the handler that fails, and with the signal', async () => {
    await place({ file: 'needle\n'.repeat(100_000) })
    const { connection } = await connect()
    const request = { text: 'needle', maxMatches: 100_000 }
    await expect(findFiles(connection, request, { onMatches: () => { throw new Error('no more') } })).rejects.toThrow('no more')
    const controller = new AbortController()
    const searching = findFiles(connection, request, { onMatches: () => controller.abort(new Error('enough')) }, controller.signal)
    await expect(searching).rejects.toThrow('enough')
    expect((await find(connection, { glob: 'file' })).paths).toEqual(['file'])
  })

  test.each<[string, FindRequest]>([
    ['nothing', {}], ['two lines', { text: 'two\nlines' }], ['too long a text', { text: 'x'.repeat(1001) }]
  ])('refuses to look for %s', async (_what, request) => {
    const { connection } = await connect()
    await expect(find(connection, request)).rejects.toMatchObject({ code: ErrorCode.BAD_REQUEST })
  })

  test('looks nowhere outside', async () => {
    await symlink('/etc', at('out'))
    const { connection } = await connect()
    for (const path of ['out', '..', '/etc']) await expect(find(connection, { path, glob: '*' })).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
    await expect(find(connection, { path: 'none', glob: '*' })).rejects.toMatchObject({ code: ErrorCode.NOT_FOUND })
  })
})
