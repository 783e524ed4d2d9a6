import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { filesOfCopy } from '../../../src/projects/assignments/copy-files.ts'
import { packTar } from '../../../src/projects/transfer/archives/pack-tar.ts'
import { readMembers } from '../../../src/projects/transfer/archives/members.ts'
import type { ProjectFile, ReadOptions } from '../../../src/projects/transfer/archives/project-files.ts'

const never = new AbortController().signal
const entry = (path: string, more: Partial<ProjectFile['entry']> = {}): ProjectFile['entry'] =>
  ({ path: Buffer.from(path), type: 'file', mode: 0o644, size: 1, mtimeNs: 1n, inode: 1n, ...more })
const small = (path: string, more: Partial<ProjectFile['entry']> = {}): ProjectFile => ({ entry: entry(path, more), content: Buffer.from('x') })
const large = (path: string, size: number, bytes: () => AsyncGenerator<Buffer>): ProjectFile =>
  ({ entry: entry(path, { size }), open: async () => ({ size, bytes: Readable.from(bytes()) }) })

async function * just (...files: ProjectFile[]): AsyncGenerator<ProjectFile> { yield * files }

/** What comes out, by path, of an archive of it. */
async function pack (read: (options: ReadOptions) => AsyncIterable<ProjectFile>, { signal = never, onceMs = 1_000 } = {}): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for await (const { path, type, mode, bytes } of readMembers(packTar(filesOfCopy('ada', read, signal, { onceMs })))) {
    found.set(path.toString(), type === 'file' ? `${mode.toString(8)} ${(await buffer(bytes)).toString()}` : type)
  }
  return found
}

describe('a copy in an archive', () => {
  it('has its files beneath a directory of its own, without bits that mean more than permissions', async () => {
    expect(await pack(() => just(small('a', { mode: 0o4755 }), small('d/b'), { entry: entry('l', { type: 'symlink', size: 0, target: Buffer.from('d/b') }) }))).toEqual(new Map([
      ['ada', 'directory'], ['ada/a', '755 x'], ['ada/d/b', '644 x'], ['ada/l', 'symlink']
    ]))
  })

  it.each(['/etc/passwd', '..', '../x', 'a/../../x', 'a/..'])('leaves a link to %s out, and tells it beside', async (target) => {
    const found = await pack(() => just({ entry: entry('l', { type: 'symlink', size: 0, target: Buffer.from(target) }) }))
    expect([...found]).toEqual([['ada', 'directory'], ['ada.incomplete.txt', expect.stringMatching(/^644 1 were left out/)]])
  })

  it('that becomes shorter, or cannot be read on, is filled up', async () => {
    const found = await pack(() => just(
      large('short', 5, async function * () { yield Buffer.from('ab') }),
      large('broken', 4, async function * () { yield Buffer.from('cd'); throw new Error('gone') }),
      small('after')
    ))
    expect([found.get('ada/short'), found.get('ada/broken'), found.get('ada/after')]).toEqual(['644 ab\0\0\0', '644 cd\0\0', '644 x'])
    expect(found.get('ada.incomplete.txt')).toMatch(/"short" could not be read to its end[^]*"broken" could not/)
  })

  it('of a project that answers nothing is given up, and its agent let go', async () => {
    let given: AbortSignal | undefined
    const found = await pack(async function * ({ signal }) {
      given = signal
      yield small('a')
      await new Promise(() => undefined)
    }, { onceMs: 20 })
    expect([...found.keys()]).toEqual(['ada', 'ada/a', 'ada.incomplete.txt'])
    expect(given?.aborted).toBe(true)
  })

  it('with a file that never comes goes on with the next', async () => {
    const found = await pack(() => just(
      { entry: entry('opens-never'), open: async () => await new Promise(() => undefined) },
      large('ends-never', 3, async function * () { yield Buffer.from('a'); await new Promise(() => undefined) }),
      small('after')
    ), { onceMs: 20 })
    expect([...found.keys()]).toEqual(['ada', 'ada/ends-never', 'ada/after', 'ada.incomplete.txt'])
    expect(found.get('ada/ends-never')).toBe('644 a\0\0')
  })

  it('fails with whoever wants it no longer', async () => {
    const client = new AbortController()
    await expect(pack(async function * () {
      yield small('a')
      client.abort(new Error('the client went away'))
      yield small('b')
    }, { signal: client.signal })).rejects.toThrow('the client went away')
  })

  it('is read for five minutes together at most', async () => {
    const files = filesOfCopy('ada', async function * () {
      for (;;) {
        await new Promise(setImmediate)
        yield small('a')
      }
    }, never, { togetherMs: 30 })
    let last: ProjectFile | undefined
    for await (const file of files) last = file
    expect(last?.entry.path.toString()).toBe('ada.incomplete.txt')
  })
})
