import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SFTPWrapper } from 'ssh2'
import type { Project } from '../../../src/projects/core/schemas.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { createPerson, join, type Person } from '../members/people.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createSshUser, sshOf, type SshUser } from './client.ts'

let berth: Berth
let owner: Person
let project: Project
let ada: SshUser
const users: SshUser[] = []

beforeAll(async () => {
  berth = await startProjectsBerth({ SSH_PORT: '0' })
  owner = await createPerson(berth.origin)
  project = await owner.createProject({ files: [{ path: 'hello.txt', content: 'hello\n' }] })
  ada = await newUser(owner)
})
afterAll(async () => {
  await owner.remove(project.id)
  await Promise.all(users.map(async (user) => await user.remove()))
  await berth.stop()
})

async function newUser (person: Person): Promise<SshUser> {
  const user = await createSshUser((await sshOf(berth)).port, person)
  users.push(user)
  return user
}

const remote = (path: string): string => `${project.id}@127.0.0.1:${path}`
const read = async (path: string): Promise<string> => await (await owner.send('GET', `/projects/${project.id}/files/${path}`)).text()
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function openSftp (user = ada) {
  const client = await user.connect(project.id)
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) => client.sftp((error, opened) => error === undefined ? resolve(opened) : reject(error)))
  return { client, sftp }
}

describe('scp', () => {
  it('copies files there and back, of any bytes and size, on a project that is stopped', async () => {
    const bytes = randomBytes(9 * 1024 ** 2 + 17)
    await writeFile(ada.file('large'), bytes)
    await writeFile(ada.file('empty'), '')
    expect(await ada.scp(ada.file('large'), ada.file('empty'), remote('/workspace'))).toMatchObject({ code: 0, error: '' })
    expect(await ada.scp(remote('large'), remote('empty'), remote('hello.txt'), ada.file('.'))).toMatchObject({ code: 0, error: '' })
    expect(digest(await readFile(ada.file('large')))).toBe(digest(bytes))
    expect([(await stat(ada.file('empty'))).size, (await readFile(ada.file('hello.txt'))).toString()]).toEqual([0, 'hello\n'])
    expect((await owner.status(project.id)).status).toBe('stopped')
  })

  it('copies whole directories, with permissions and times', async () => {
    await mkdir(ada.file('tree/inner'), { recursive: true })
    await writeFile(ada.file('tree/run.sh'), '#!/bin/sh\n')
    await chmod(ada.file('tree/run.sh'), 0o755)
    await utimes(ada.file('tree/run.sh'), 1_500_000_000, 1_500_000_000)
    await writeFile(ada.file('tree/inner/ümlaut $(x)'), 'x')
    expect(await ada.scp('-rp', ada.file('tree'), remote('.'))).toMatchObject({ code: 0, error: '' })
    const entries = (await owner.call<{ entries: Array<{ path: string, mode: number, mtime: string }> }>('GET', `/projects/${project.id}/files?path=tree&depth=3`)).body.entries
    expect(entries.find(({ path }) => path === 'tree/run.sh')).toMatchObject({ mode: 0o755, mtime: '2017-07-14T02:40:00.000Z' })
    expect(await ada.scp('-rp', remote('tree'), ada.file('back'))).toMatchObject({ code: 0, error: '' })
    expect(await readdir(ada.file('back/inner'))).toEqual(['ümlaut $(x)'])
    expect((await stat(ada.file('back/run.sh'))).mtimeMs).toBe(1_500_000_000_000)
  })

  it('says what is wrong', async () => {
    expect((await ada.scp(remote('nothing'), ada.file('x'))).error).toContain('No such file')
    expect((await ada.scp(remote('/etc/passwd'), ada.file('x'))).error).toContain('No such file')
    expect((await ada.scp(ada.file('empty'), remote('/etc/x'))).code).not.toBe(0)
    expect((await ada.scp(ada.file('empty'), remote('.berth-x'))).code).not.toBe(0)
  })
})

describe('sftp', () => {
  it('does what its commands say', async () => {
    await writeFile(ada.file('one'), 'one\n')
    const { code, text, error } = await ada.sftp(project.id, [
      'pwd', 'mkdir box', `put ${ada.file('one')} box/one`, 'ln -s one box/link', 'rename box/one box/two', 'chmod 600 box/two', 'ls -l box', 'ls /', 'rm box/link', 'rm box/two', 'rmdir box', 'ls'
    ])
    expect([code, error]).toEqual([0, ''])
    expect(text).toContain('Remote working directory: /workspace')
    expect(text).toMatch(/-rw------- .* two\n/)
    expect(text).toMatch(/lrwxrwxrwx .* link\n/)
    expect(text).toMatch(/\/workspace/)
    expect((await owner.call('GET', `/projects/${project.id}/files/box`)).status).toBe(404)
  })

  it('refuses what would take more than it says, and goes on', async () => {
    await ada.sftp(project.id, ['mkdir full', `put ${ada.file('empty')} full/inner`, `put ${ada.file('empty')} full/other`])
    const { text, error } = await ada.sftp(project.id, ['-rm full', '-rmdir full', '-rmdir full/inner', '-mkdir full', '-rm nothing', '-get nothing', '-rm .', '-put nothing', '-chown 0 full/inner', '-ls full'])
    expect(error.split('\n').filter((line) => line !== '').length).toBeGreaterThanOrEqual(8)
    expect(text).toContain('full/inner')
    expect(await (await owner.send('GET', `/projects/${project.id}/files?path=full`)).json()).toMatchObject({ entries: [{ path: 'full/inner' }, { path: 'full/other' }] })
  })

  it('goes on with an upload that is there in part', async () => {
    const bytes = randomBytes(3 * 1024 ** 2)
    await writeFile(ada.file('part'), bytes.subarray(0, 1_000_000))
    await ada.sftp(project.id, [`put ${ada.file('part')} part`])
    await writeFile(ada.file('part'), bytes)
    expect(await ada.sftp(project.id, [`reput ${ada.file('part')} part`, `get part ${ada.file('whole')}`])).toMatchObject({ code: 0, error: '' })
    expect(digest(await readFile(ada.file('whole')))).toBe(digest(bytes))
  })

  it('lists directories of thousands, each name once', async () => {
    const { exitCode } = await owner.exec(project.id, 'mkdir many && cd many && for i in $(seq 3000); do : > "file $i"; done')
    expect(exitCode).toBe(0)
    const { client, sftp } = await openSftp()
    const names = (await promisify(sftp.readdir.bind(sftp) as (path: string, callback: (error: Error | undefined, list: Array<{ filename: string }>) => void) => void)('many')).map(({ filename }) => filename)
    expect([names.length, new Set(names).size, names.includes('file 3000')]).toEqual([3000, 3000, true])
    client.end()
  })

  it('writes at any place, in any order, and reads what is written', async () => {
    const { client, sftp } = await openSftp()
    const call = async <T> (work: (callback: (error: Error | null | undefined, value: T) => void) => unknown): Promise<T> =>
      await new Promise((resolve, reject) => work((error, value) => error == null ? resolve(value) : reject(error)))
    const write = async (handle: Buffer, text: string, at: number) => await call<void>((done) => sftp.write(handle, Buffer.from(text), 0, text.length, at, done as (error?: Error | null) => void))
    const handle = await call<Buffer>((done) => sftp.open('places', 'w+', done))
    expect((await call<{ size: number }>((done) => sftp.stat('places', done as never))).size).toBe(0)
    await write(handle, 'world', 6)
    await write(handle, 'hello ', 0)
    await write(handle, '!', 11)
    expect((await call<{ size: number }>((done) => sftp.fstat(handle, done as never))).size).toBe(12)
    const buffer = Buffer.alloc(64)
    const bytesRead = await new Promise<number>((resolve, reject) => sftp.read(handle, buffer, 0, 64, 0, (error, count) => error == null ? resolve(count) : reject(error)))
    expect(buffer.toString('utf8', 0, bytesRead)).toBe('hello world!')
    await call<void>((done) => sftp.close(handle, done as never))
    expect(await read('places')).toBe('hello world!')

    const middle = await call<Buffer>((done) => sftp.open('places', 'r+', done))
    await write(middle, 'W', 6)
    await call<void>((done) => sftp.close(middle, done as never))
    expect(await read('places')).toBe('hello World!')
    const end = await call<Buffer>((done) => sftp.open('places', 'a', done))
    await write(end, '?', 0)
    await call<void>((done) => sftp.close(end, done as never))
    expect(await read('places')).toBe('hello World!?')
    const longer = await call<Buffer>((done) => sftp.open('places', 'r+', done))
    await write(longer, 'x', 15)
    await call<void>((done) => sftp.close(longer, done as never))
    expect(await read('places')).toBe('hello World!?\0\0x')
    await call<void>((done) => sftp.setstat('places', { size: 5 } as never, done as never))
    expect(await read('places')).toBe('hello')
    await expect(call<Buffer>((done) => sftp.open('places', 'wx', done))).rejects.toThrow('is there already')
    await expect(call<Buffer>((done) => sftp.open('no/such/file', 'r', done))).rejects.toThrow('There is no')
    await expect(call<Buffer>((done) => sftp.open('many', 'r', done))).rejects.toThrow('no regular file')
    client.end()
  })

  it('replaces a file by renaming only where it is asked to, and never a directory', async () => {
    const { client, sftp } = await openSftp()
    const rename = async (how: 'rename' | 'ext_openssh_rename', from: string, to: string) => await promisify(sftp[how].bind(sftp))(from, to)
    await owner.exec(project.id, 'echo a > a; echo b > b; mkdir -p d; echo c > d/c')
    await expect(rename('rename', 'a', 'b')).rejects.toThrow('is there already')
    await rename('ext_openssh_rename', 'a', 'b')
    expect(await read('b')).toBe('a\n')
    await expect(rename('ext_openssh_rename', 'b', 'd')).rejects.toThrow('is there already')
    expect(await read('d/c')).toBe('c\n')
    client.end()
  })

  it('leaves what was there where a client goes in the middle of an upload', async () => {
    await owner.exec(project.id, 'echo precious > precious')
    const { client, sftp } = await openSftp()
    const handle = await new Promise<Buffer>((resolve, reject) => sftp.open('precious', 'w', (error, opened) => error === undefined ? resolve(opened) : reject(error)))
    await new Promise<void>((resolve, reject) => sftp.write(handle, Buffer.alloc(100_000), 0, 100_000, 0, (error) => error == null ? resolve() : reject(error)))
    const closed = once(client, 'close')
    client.destroy()
    await closed
    // What is begun next comes after what the server has still to do with it.
    await waitFor('no upload to be left', async () => (await owner.exec(project.id, 'ls -A | grep -c "^.berth-" || true')).output.trim() === '0')
    expect(await read('precious')).toBe('precious\n')
  })

  it('does not follow links that lead out of the project, nor reads what is no file', async () => {
    await owner.exec(project.id, 'ln -sf /etc/passwd out; ln -sf / up; mkfifo pipe')
    for (const name of ['out', 'up/etc/passwd', 'pipe', '../etc/passwd', '/proc/1/environ']) {
      const { code, error } = await ada.sftp(project.id, [`get ${name} ${ada.file('leak')}`])
      expect([code, error === ''], name).toEqual([1, false])
    }
  })

  it('is read only for who may only look', async () => {
    const viewer = await createPerson(berth.origin)
    await join(owner, project.id, viewer, 'viewer')
    const bob = await newUser(viewer)
    await writeFile(bob.file('mine'), 'mine')
    expect(await bob.sftp(project.id, [`get hello.txt ${bob.file('got')}`])).toMatchObject({ code: 0 })
    for (const command of [`put ${bob.file('mine')} mine`, `put ${bob.file('mine')} hello.txt`, 'rm hello.txt', 'mkdir new', 'rename hello.txt other', 'chmod 777 hello.txt', 'ln -s a b', 'rmdir d']) {
      expect((await bob.sftp(project.id, [command])).code, command).toBe(1)
    }
    expect(await read('hello.txt')).toBe('hello\n')
  })
})
