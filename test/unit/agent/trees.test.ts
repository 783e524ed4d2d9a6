import { execFileSync } from 'node:child_process'
import { chmod, chown, link, lstat, mkdir, readdir, readFile, symlink, writeFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { measureUsage, movePath, readSpace, removePath } from '../../../src/sandbox/agent-client/trees.ts'
import { ErrorCode } from '../../../src/sandbox/agent-protocol.ts'
import { describeAgent } from '../../support/agent-suite.ts'

const UNPRIVILEGED = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups']

const refused = (code: number) => ({ name: 'AgentOperationError', code })

/** A chain of directories that no path of the kernel's reaches the end of. */
function makeDeep (directory: string, levels: number): void {
  execFileSync('python3', ['-c', `
import os, sys
os.chdir(sys.argv[1])
for level in range(int(sys.argv[2])):
    os.mkdir('level'); os.chdir('level'); open('file', 'w').close()
`, directory, String(levels)])
}

const makeMany = (directory: string, files: number): void => {
  execFileSync('sh', ['-c', `cd "$1" && seq -f 'file-%06.0f' ${files} | xargs touch`, 'sh', directory])
}

describeAgent('moving', ({ connect, root }) => {
  const at = (path: string) => join(root(), path)

  test('renames a file, a link and a directory, with parents made', async () => {
    await mkdir(at('directory/inner'), { recursive: true })
    await writeFile(at('file'), 'content')
    await symlink('/etc/passwd', at('link'))
    const { connection } = await connect()
    expect(await movePath(connection, 'file', 'a/b/file')).toMatchObject({ path: Buffer.from('a/b/file'), type: 'file', size: 7 })
    expect(await movePath(connection, 'link', 'a/link')).toMatchObject({ type: 'symlink', target: Buffer.from('/etc/passwd') })
    expect(await movePath(connection, 'directory', 'a/directory')).toMatchObject({ type: 'directory' })
    expect(await readdir(at('a'))).toEqual(['b', 'directory', 'link'])
    expect(await readdir(at('a/directory'))).toEqual(['inner'])
    expect(await readdir(root())).toEqual(['a'])
  })

  test('replaces nothing unless told to', async () => {
    await writeFile(at('from'), 'new')
    await writeFile(at('to'), 'old')
    const { connection } = await connect()
    await expect(movePath(connection, 'from', 'to')).rejects.toMatchObject(refused(ErrorCode.EXISTS))
    await expect(movePath(connection, 'from', 'from')).rejects.toMatchObject(refused(ErrorCode.EXISTS))
    expect(await readFile(at('to'), 'utf8')).toBe('old')
    await movePath(connection, 'from', 'to', { overwrite: true })
    expect(await readFile(at('to'), 'utf8')).toBe('new')
    await movePath(connection, 'to', 'to', { overwrite: true })
    expect(await readdir(root())).toEqual(['to'])
  })

  test.each([
    ['a directory', 'a full directory'], ['a file', 'a full directory'], ['a full directory', 'a file'], ['a link', 'a full directory']
  ])('replaces with %s even %s', async (from, to) => {
    const make = async (what: string, name: string, mark: string) => {
      if (what === 'a file') await writeFile(at(name), mark)
      else if (what === 'a link') await symlink(mark, at(name))
      else await mkdir(at(name))
      if (what === 'a full directory') await writeFile(at(`${name}/${mark}`), '')
    }
    await make(from, 'from', 'new')
    await make(to, 'to', 'old')
    const before = await lstat(at('from'))
    const { connection } = await connect()
    await movePath(connection, 'from', 'to', { overwrite: true })
    expect((await lstat(at('to'))).ino).toBe(before.ino)
    expect(await readdir(root())).toEqual(['to'])
  })

  test('drops one of two names of the same file', async () => {
    await writeFile(at('from'), 'content')
    await link(at('from'), at('to'))
    const { connection } = await connect()
    await movePath(connection, 'from', 'to', { overwrite: true })
    expect(await readdir(root())).toEqual(['to'])
  })

  test.each([['a', 'a/b/c'], ['a', 'a/b'], ['a/b', 'a']])('refuses to move %s to %s', async (from, to) => {
    await mkdir(at('a/b'), { recursive: true })
    const { connection } = await connect()
    await expect(movePath(connection, from, to, { overwrite: true })).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    expect(await readdir(at('a'))).toEqual(['b'])
  })

  test('makes no directory for the sake of what is not there', async () => {
    const { connection } = await connect()
    await expect(movePath(connection, 'none', 'a/b')).rejects.toMatchObject(refused(ErrorCode.NOT_FOUND))
    expect(await readdir(root())).toEqual([])
  })

  test.each(['../out', '/etc/out', 'out/file', '', 'a//b'])('refuses to move to %o, or from there', async (path) => {
    await writeFile(at('file'), '')
    await symlink('/tmp', at('out'))
    const { connection } = await connect()
    await expect(movePath(connection, 'file', path)).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    await expect(movePath(connection, path, 'elsewhere')).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    expect(await readdir(root())).toEqual(['file', 'out'])
  })

  test('says that a directory may not be written to', async () => {
    await mkdir(at('closed'))
    await writeFile(at('closed/file'), '')
    for (const path of ['', 'closed', 'closed/file']) await chown(at(path), 1000, 1000)
    await chmod(at('closed'), 0o555)
    const { connection } = await connect({ wrapper: UNPRIVILEGED })
    await expect(movePath(connection, 'closed/file', 'file')).rejects.toMatchObject(refused(ErrorCode.DENIED))
  })
})

describeAgent('removing', ({ build, connect, root }) => {
  // Every call takes its time under the sanitizers.
  const files = build === 'agent' ? 20_000 : 10_000
  const at = (path: string) => join(root(), path)

  test('removes a file, a link but not what it leads to, and an empty directory', async () => {
    await writeFile(at('file'), '')
    await mkdir(at('directory'))
    await symlink('file', at('link'))
    await symlink('directory', at('directory-link'))
    const { connection } = await connect()
    expect(await removePath(connection, 'link')).toBe(1)
    expect(await removePath(connection, 'directory-link', { recursive: true })).toBe(1)
    expect(await readdir(root())).toEqual(['directory', 'file'])
    expect(await removePath(connection, 'file')).toBe(1)
    expect(await removePath(connection, 'directory')).toBe(1)
    await expect(removePath(connection, 'file')).rejects.toMatchObject(refused(ErrorCode.NOT_FOUND))
  })

  test('removes a directory with its content only when told to', async () => {
    await mkdir(at('a/b'), { recursive: true })
    await writeFile(at('a/b/file'), '')
    const { connection } = await connect()
    await expect(removePath(connection, 'a')).rejects.toMatchObject(refused(ErrorCode.NOT_EMPTY))
    expect(await removePath(connection, 'a', { recursive: true })).toBe(3)
    expect(await readdir(root())).toEqual([])
  })

  test('never removes the root', async () => {
    const { connection } = await connect()
    await expect(removePath(connection, '', { recursive: true })).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
  })

  test('removes a tree deeper than any path', async () => {
    await mkdir(at('deep'))
    makeDeep(at('deep'), 1000)
    const { connection } = await connect()
    expect(await removePath(connection, 'deep', { recursive: true })).toBe(2001)
    expect(await readdir(root())).toEqual([])
  })

  test('removes such a tree also where its directories are closed, and names taken under which they would be moved up', async () => {
    await mkdir(at('deep/.lifted-0/.lifted-1'), { recursive: true })
    makeDeep(at('deep'), 1000)
    execFileSync('python3', ['-c', `
import os, sys
os.chdir(sys.argv[1])
for name in '.lifted-0', '.lifted-0/.lifted-1', '..': os.chown(name, 1000, 1000)
for level in range(1000): os.chdir('level')
for level in range(1001):
    os.chown('.', 1000, 1000); os.chmod('.', 0o500); os.chdir('..')
`, at('deep')])
    const { connection } = await connect({ wrapper: UNPRIVILEGED })
    expect(await removePath(connection, 'deep', { recursive: true })).toBe(2003)
    expect(await readdir(root())).toEqual([])
  })

  test('goes on with other work while it removes many files', async () => {
    await mkdir(at('many'))
    await writeFile(at('other'), '')
    makeMany(at('many'), files)
    const { connection } = await connect()
    const order: string[] = []
    const removing = removePath(connection, 'many', { recursive: true }).then((removed) => {
      order.push('many')
      return removed
    })
    await removePath(connection, 'other').then(() => order.push('other'))
    expect(await removing).toBe(files + 1)
    expect(order).toEqual(['other', 'many'])
  })

  test('stops when it is cancelled', async () => {
    await mkdir(at('many'))
    makeMany(at('many'), files)
    const { connection } = await connect()
    const controller = new AbortController()
    const removing = removePath(connection, 'many', { recursive: true }, controller.signal)
    controller.abort(new Error('enough'))
    await expect(removing).rejects.toThrow('enough')
    // Answered after the CANCEL, so by then nothing is removed any more.
    await measureUsage(connection)
    expect((await readdir(at('many'))).length).toBeGreaterThan(0)
  })

  test('removes directories that their owner has closed', async () => {
    await mkdir(at('closed/inner/empty'), { recursive: true })
    await writeFile(at('closed/inner/file'), '')
    const paths = ['', 'closed', 'closed/inner', 'closed/inner/empty', 'closed/inner/file']
    for (const path of paths) await chown(at(path), 1000, 1000)
    for (const [path, mode] of [['closed/inner/empty', 0], ['closed/inner', 0o500], ['closed', 0]] as const) await chmod(at(path), mode)
    const { connection } = await connect({ wrapper: UNPRIVILEGED })
    expect(await removePath(connection, 'closed', { recursive: true })).toBe(4)
  })

  test('says what may not be removed', async () => {
    await mkdir(at('foreign'))
    await writeFile(at('foreign/file'), '')
    await chown(root(), 1000, 1000)
    const { connection } = await connect({ wrapper: UNPRIVILEGED })
    await expect(removePath(connection, 'foreign', { recursive: true })).rejects.toMatchObject(refused(ErrorCode.DENIED))
    expect(await readdir(at('foreign'))).toEqual(['file'])
  })
})

describeAgent('measuring', ({ connect, root }) => {
  const at = (path: string) => join(root(), path)
  const blocks = async (...paths: string[]) => {
    const files = await Promise.all(paths.map((path) => lstat(at(path))))
    return files.reduce((sum, file) => sum + file.blocks * 512, 0)
  }

  test('counts blocks, a file with several names once, and no link\'s target', async () => {
    await mkdir(at('a'))
    await writeFile(at('a/file'), Buffer.alloc(100_000, 'x'))
    await link(at('a/file'), at('second-name'))
    await symlink('/usr/bin', at('link'))
    execFileSync('mkfifo', [at('fifo')])
    execFileSync('truncate', ['-s', '1G', at('sparse')])
    const { connection } = await connect()
    expect(await measureUsage(connection)).toEqual({ bytes: await blocks('', 'a', 'a/file', 'link', 'fifo', 'sparse'), entries: 6 })
  })

  test('leaves out the content of excluded names', async () => {
    await mkdir(at('a/node_modules/inner'), { recursive: true })
    await writeFile(at('a/node_modules/file'), Buffer.alloc(10_000))
    const { connection } = await connect()
    const exclude = ['other', 'node_modules']
    expect(await measureUsage(connection, { exclude })).toEqual({ bytes: await blocks('', 'a', 'a/node_modules'), entries: 2 })
  })

  test('counts many files with two names each once', async () => {
    await mkdir(at('one'))
    makeMany(at('one'), 2000)
    execFileSync('cp', ['-al', at('one'), at('two')])
    const { connection } = await connect()
    expect(await measureUsage(connection)).toEqual({ bytes: await blocks('', 'one', 'two'), entries: 4002 })
  })

  test('counts what its owner has hidden', async () => {
    await mkdir(at('hidden'))
    await writeFile(at('hidden/file'), Buffer.alloc(50_000))
    for (const path of ['', 'hidden', 'hidden/file']) await chown(at(path), 1000, 1000)
    const bytes = await blocks('', 'hidden', 'hidden/file')
    await chmod(at('hidden'), 0)
    const { connection } = await connect({ wrapper: UNPRIVILEGED })
    expect(await measureUsage(connection)).toEqual({ bytes, entries: 2 })
  })

  test('ends when there is more than is asked for', async () => {
    makeMany(root(), 5000)
    await writeFile(at('large'), Buffer.alloc(300_000))
    const { connection } = await connect()
    expect((await measureUsage(connection, { maxEntries: 100 })).entries).toBe(101)
    expect((await measureUsage(connection, { maxBytes: 200_000 })).bytes).toBeGreaterThan(200_000)
    expect(await measureUsage(connection, { maxEntries: 5001, maxBytes: 10_000_000 })).toEqual(await measureUsage(connection))
  })

  test('says what the file system has left', async () => {
    const { connection } = await connect()
    const { bsize, blocks, bavail, files } = await statfs(root())
    const space = await readSpace(connection)
    expect(space).toMatchObject({ totalBytes: blocks * bsize, totalInodes: files })
    expect(Math.abs(space.freeBytes - bavail * bsize)).toBeLessThan(space.totalBytes / 10)
    expect(space.freeInodes).toBeGreaterThan(0)
    expect(space.freeInodes).toBeLessThanOrEqual(files)
  })

  test('measures a tree deeper than any path', async () => {
    makeDeep(root(), 1000)
    const { connection } = await connect()
    expect((await measureUsage(connection)).entries).toBe(2000)
    await removePath(connection, 'level', { recursive: true })
  })
})
