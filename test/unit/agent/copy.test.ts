import { execFileSync } from 'node:child_process'
import { chmod, chown, lstat, mkdir, readdir, readFile, readlink, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { statFile } from '../../../src/sandbox/agent-client/files.ts'
import { copyPath, movePath } from '../../../src/sandbox/agent-client/trees.ts'
import { ErrorCode } from '../../../src/sandbox/agent-protocol.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { waitFor } from '../../support/wait-for.ts'

const UNPRIVILEGED = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups']

const refused = (code: number) => ({ name: 'AgentOperationError', code })

describeAgent('copying', ({ build, connect, root }) => {
  const at = (path: string) => join(root(), path)
  const makeMany = async (path: string, files: number) => {
    await mkdir(at(path))
    execFileSync('sh', ['-c', `cd "$1" && seq -f 'file-%06.0f' ${files} | xargs touch`, 'sh', at(path)])
  }

  test('copies a file with its mode and time, and makes parents', async () => {
    await writeFile(at('file'), Buffer.alloc(3_000_000, 'abc'))
    await chmod(at('file'), 0o751)
    await utimes(at('file'), 1, 1234.5)
    const { connection } = await connect()
    const entry = await copyPath(connection, 'file', 'a/b/copy')
    expect(entry).toMatchObject({ path: Buffer.from('a/b/copy'), type: 'file', size: 3_000_000, mode: 0o751, mtimeNs: 1_234_500_000_000n })
    expect((await readFile(at('a/b/copy'))).equals(await readFile(at('file')))).toBe(true)
    expect(await readdir(root())).toEqual(['a', 'file'])
  })

  test('copies a tree with links as links, modes and times', async () => {
    await mkdir(at('tree/inner/empty'), { recursive: true })
    await writeFile(at('tree/inner/file'), 'content')
    await symlink('../nowhere', at('tree/link'))
    await symlink('/etc', at('tree/inner/out'))
    await chmod(at('tree/inner'), 0o500)
    await utimes(at('tree/inner'), 5, 5)
    await chmod(at('tree'), 0o550)
    await utimes(at('tree'), 6, 6)
    for (const path of ['', 'tree', 'tree/inner', 'tree/inner/empty', 'tree/inner/file']) await chown(at(path), 1000, 1000)
    const { connection } = await connect({ wrapper: UNPRIVILEGED })
    expect(await copyPath(connection, 'tree', 'copy')).toMatchObject({ type: 'directory', mode: 0o550, mtimeNs: 6_000_000_000n })
    expect(await readFile(at('copy/inner/file'), 'utf8')).toBe('content')
    expect(await readlink(at('copy/link'))).toBe('../nowhere')
    expect(await readlink(at('copy/inner/out'))).toBe('/etc')
    expect(await readdir(at('copy/inner'))).toEqual(['empty', 'file', 'out'])
    const inner = await stat(at('copy/inner'))
    expect([inner.mode & 0o7777, inner.mtimeMs]).toEqual([0o500, 5000])
  })

  test('copies a link itself', async () => {
    await symlink('/etc/passwd', at('link'))
    const { connection } = await connect()
    expect(await copyPath(connection, 'link', 'copy')).toMatchObject({ type: 'symlink', target: Buffer.from('/etc/passwd') })
  })

  test('keeps holes', async () => {
    execFileSync('truncate', ['-s', '20G', at('sparse')])
    execFileSync('sh', ['-c', 'printf x | dd of=sparse bs=1 seek=1G conv=notrunc'], { cwd: root(), stdio: 'ignore' })
    const { connection } = await connect()
    expect((await copyPath(connection, 'sparse', 'copy', { maxBytes: 1_000_000 })).size).toBe(20 * 1024 ** 3)
    expect((await stat(at('copy'))).blocks).toBeLessThan(100)
    execFileSync('cmp', ['-n', '4096', '-i', String(1024 ** 3), at('sparse'), at('copy')])
  })

  test('replaces nothing unless told to, and then all of it', async () => {
    await mkdir(at('from'))
    await writeFile(at('from/new'), '')
    await mkdir(at('to/old'), { recursive: true })
    await writeFile(at('file'), 'file')
    const { connection } = await connect()
    await expect(copyPath(connection, 'from', 'to')).rejects.toMatchObject(refused(ErrorCode.EXISTS))
    await copyPath(connection, 'from', 'to', { overwrite: true })
    expect(await readdir(at('to'))).toEqual(['new'])
    await copyPath(connection, 'file', 'to', { overwrite: true })
    expect(await readFile(at('to'), 'utf8')).toBe('file')
    await copyPath(connection, 'from', 'file', { overwrite: true })
    expect(await readdir(at('file'))).toEqual(['new'])
    expect(await readdir(root())).toEqual(['file', 'from', 'to'])
  })

  test.each([['a', 'a/b/c'], ['a', 'a/b/c/d'], ['a', 'a/copy'], ['a/b', 'a']])('refuses to copy %s to %s', async (from, to) => {
    await mkdir(at('a/b/c'), { recursive: true })
    const { connection } = await connect()
    await expect(copyPath(connection, from, to, { overwrite: true })).rejects.toMatchObject(refused(ErrorCode.BAD_PATH))
    expect(await readdir(root())).toEqual(['a'])
  })

  test('refuses special files, alone and in a tree, and leaves nothing', async () => {
    await mkdir(at('tree/inner'), { recursive: true })
    await writeFile(at('tree/inner/file'), '')
    execFileSync('mkfifo', [at('tree/inner/fifo')])
    const { connection } = await connect()
    await expect(copyPath(connection, 'tree/inner/fifo', 'copy')).rejects.toMatchObject(refused(ErrorCode.SPECIAL))
    await expect(copyPath(connection, 'tree', 'copy')).rejects.toMatchObject({ ...refused(ErrorCode.SPECIAL), message: expect.stringMatching(/^inner\/fifo: /) })
    expect(await readdir(root())).toEqual(['tree'])
  })

  test('copies no more than it may', async () => {
    await mkdir(at('tree'))
    for (const name of ['one', 'two', 'three']) await writeFile(at(`tree/${name}`), Buffer.alloc(1000))
    const { connection } = await connect()
    await expect(copyPath(connection, 'tree', 'copy', { maxBytes: 2999 })).rejects.toMatchObject(refused(ErrorCode.TOO_LARGE))
    expect(await readdir(root())).toEqual(['tree'])
    await copyPath(connection, 'tree', 'copy', { maxBytes: 3000 })
    expect(await readdir(at('copy'))).toEqual(['one', 'three', 'two'])
  })

  test('leaves nothing when the disk is full', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', root()])
    try {
      await mkdir(at('tree'))
      await writeFile(at('tree/file'), Buffer.alloc(3_000_000))
      const { connection, endInput, exited } = await connect()
      await expect(copyPath(connection, 'tree', 'copy')).rejects.toMatchObject(refused(ErrorCode.NO_SPACE))
      expect(await readdir(root())).toEqual(['tree'])
      endInput()
      await exited
    } finally {
      execFileSync('umount', [root()])
    }
  })

  test('says what may not be read, and leaves nothing', async () => {
    await mkdir(at('tree'))
    await writeFile(at('tree/secret'), '', { mode: 0o600 })
    await chown(root(), 1000, 1000)
    const { connection } = await connect({ wrapper: UNPRIVILEGED })
    await expect(copyPath(connection, 'tree', 'copy')).rejects.toMatchObject(refused(ErrorCode.DENIED))
    expect(await readdir(root())).toEqual(['tree'])
  })

  test('copies a tree deeper than any path', async () => {
    execFileSync('python3', ['-c', `
import os
for level in range(1000):
    os.mkdir('level'); os.chdir('level'); open('file', 'w').close()
`], { cwd: root() })
    const { connection } = await connect()
    await copyPath(connection, 'level', 'copy')
    expect(Number(execFileSync('sh', ['-c', 'find copy | wc -l'], { cwd: root() }))).toBe(2000)
    execFileSync('rm', ['-rf', at('level'), at('copy')])
  })

  test('leaves nothing when it is cancelled', async () => {
    await makeMany('many', build === 'agent' ? 50_000 : 5000)
    const { connection } = await connect()
    const controller = new AbortController()
    const copying = copyPath(connection, 'many', 'copy', {}, controller.signal)
    await waitFor('the copy to begin', async () => (await readdir(root())).length > 1)
    expect((await readdir(root())).every((name) => name === 'many' || name.startsWith('.berth-'))).toBe(true)
    controller.abort(new Error('enough'))
    await expect(copying).rejects.toThrow('enough')
    await waitFor('the copy to be gone', async () => (await readdir(root())).length === 1)
  })

  test('leaves nothing when the connection ends', async () => {
    await makeMany('many', build === 'agent' ? 50_000 : 5000)
    const { connection, endInput, exited } = await connect()
    const copying = copyPath(connection, 'many', 'copy')
    copying.catch(() => undefined)
    await waitFor('the copy to begin', async () => (await readdir(root())).length > 1)
    endInput()
    await exited
    await expect(copying).rejects.toMatchObject({ name: 'AgentLostError' })
    expect(await readdir(root())).toEqual(['many'])
  })

  test('removes what a killed agent has left, and nothing that another is at work on', async () => {
    await makeMany('many', build === 'agent' ? 50_000 : 5000)
    await writeFile(at('file'), '')
    const killed = await connect()
    copyPath(killed.connection, 'many', 'copy').catch(() => undefined)
    await waitFor('the copy to begin', async () => (await readdir(root())).length > 2)
    killed.kill('SIGSTOP')
    const { connection } = await connect()
    await copyPath(connection, 'file', 'second')
    expect((await readdir(root())).filter((name) => name.startsWith('.berth-'))).toHaveLength(1)
    killed.kill('SIGKILL')
    await killed.exited
    await copyPath(connection, 'file', 'third')
    expect(await readdir(root())).toEqual(['file', 'many', 'second', 'third'])
  })

  test('does several copies at once, and other work meanwhile', async () => {
    await makeMany('many', build === 'agent' ? 10_000 : 1000)
    const { connection } = await connect()
    const order: string[] = []
    const copies = Array.from({ length: 8 }, (_, index) => copyPath(connection, 'many', `copy${index}`).then(() => order.push('copy')))
    await statFile(connection, 'many').then(() => order.push('stat'))
    await Promise.all(copies)
    expect(order[0]).toBe('stat')
    const { length } = await readdir(at('many'))
    for (let index = 0; index < 8; index++) expect(await readdir(at(`copy${index}`))).toHaveLength(length)
  })

  test('leaves no trace of what a move has replaced', async () => {
    await mkdir(at('from'))
    await makeMany('to', build === 'agent' ? 20_000 : 2000)
    const { connection } = await connect()
    await movePath(connection, 'from', 'to', { overwrite: true })
    expect(await readdir(root())).toEqual(['to'])
    expect(await readdir(at('to'))).toEqual([])
    expect((await lstat(at('to'))).isDirectory()).toBe(true)
  })
})
