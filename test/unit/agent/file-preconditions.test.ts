import { execFileSync } from 'node:child_process'
import { readdir, readFile, symlink, utimes, writeFile as place } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { statFile } from '../../../src/sandbox/agent-client/files.ts'
import { writeFile } from '../../../src/sandbox/agent-client/write-file.ts'
import { ErrorCode, FrameType } from '../../../src/sandbox/agent-protocol.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { failureCode, opened, refused } from '../../support/agent-writes.ts'

describeAgent('preconditions of a write', ({ start, connect, root }) => {
  const at = (path: string) => join(root(), path)
  const failed = refused(ErrorCode.PRECONDITION)

  test('hold or do not', async () => {
    const { connection } = await connect()
    const { entry } = await writeFile(connection, 'file', Buffer.from('one'), { precondition: 'absent' })
    await expect(writeFile(connection, 'file', Buffer.from('two'), { precondition: 'absent' })).rejects.toMatchObject(failed)
    const second = await writeFile(connection, 'file', Buffer.from('two'), { precondition: entry })
    await expect(writeFile(connection, 'file', Buffer.from('six'), { precondition: entry })).rejects.toMatchObject(failed)
    for (const change of [{ mtimeNs: 1n }, { size: 4 }, { inode: 1n }]) {
      await expect(writeFile(connection, 'file', Buffer.from('six'), { precondition: { ...second.entry, ...change } })).rejects.toMatchObject(failed)
    }
    expect(await readFile(at('file'), 'utf8')).toBe('two')
  })

  test('make no directories for a file that must be there', async () => {
    const { connection } = await connect()
    await expect(writeFile(connection, 'a/b', Buffer.from('x'), { precondition: { mtimeNs: 1n, size: 1, inode: 1n } })).rejects.toMatchObject(failed)
    expect(await readdir(root())).toEqual([])
  })

  test('are about the file that a link leads to', async () => {
    await place(at('file'), 'before')
    await symlink('file', at('link'))
    const { connection } = await connect()
    const version = await statFile(connection, 'link', { follow: true })
    await writeFile(connection, 'link', Buffer.from('after'), { precondition: version })
    await expect(writeFile(connection, 'link', Buffer.from('x'), { precondition: 'absent' })).rejects.toMatchObject(failed)
    expect(await readFile(at('file'), 'utf8')).toBe('after')
  })

  test('let one of many writers at a time through', async () => {
    const { connection } = await connect()
    const race = async (precondition: Parameters<typeof writeFile>[3]) => {
      const results = await Promise.allSettled(Array.from({ length: 20 }, async (_, i) => await writeFile(connection, 'file', Buffer.from(`by ${i}`), precondition)))
      const winners = results.flatMap((result, i) => result.status === 'fulfilled' ? [{ i, entry: result.value.entry }] : [])
      expect(winners).toHaveLength(1)
      for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject(failed)
      expect(await readFile(at('file'), 'utf8')).toBe(`by ${winners[0]!.i}`)
      return winners[0]!.entry
    }
    let version = await race({ precondition: 'absent' })
    for (let round = 0; round < 5; round++) version = await race({ precondition: version })
    expect(await readdir(root())).toEqual(['file'])
  })

  test('let one of two agents through', async () => {
    const agents = await Promise.all([connect(), connect()])
    for (let round = 0; round < 20; round++) {
      const results = await Promise.allSettled(agents.map(async ({ connection }) =>
        await writeFile(connection, `file-${round}`, Buffer.from('x'), { precondition: 'absent' })))
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    }
  })

  test.each([
    ['absent', 'appears'],
    ['version', 'changes'],
    ['version', 'is replaced'],
    ['version', 'goes']
  ] as const)('(%s) are looked at again when the file %s meanwhile', async (precondition, change) => {
    if (precondition === 'version') await place(at('file'), 'before')
    const { connection } = await connect()
    const version = precondition === 'version' ? await statFile(connection, 'file') : 'absent'
    const agent = await start()
    await opened(agent, 1, { path: 'file', precondition: version })
    if (change === 'goes') execFileSync('rm', [at('file')])
    else if (change === 'is replaced') execFileSync('sh', ['-c', 'echo theirs > "$1.new" && mv "$1.new" "$1"', 'sh', at('file')])
    else await place(at('file'), 'theirs')
    if (change === 'changes') await utimes(at('file'), 1, 1)
    agent.send(FrameType.DATA, 1, Buffer.from('ours'))
    agent.send(FrameType.END, 1)
    expect(await failureCode(agent, 1)).toBe(ErrorCode.PRECONDITION)
    expect(await readdir(root())).toEqual(change === 'goes' ? [] : ['file'])
    if (change !== 'goes') expect((await readFile(at('file'), 'utf8')).trim()).toBe('theirs')
  })
})
