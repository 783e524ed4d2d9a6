import { execFileSync, spawn } from 'node:child_process'
import { chmod, mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { appendFileSync, closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { watchFiles, type FileWatch, type WatchHandlers } from '../../../src/sandbox/agent-client/watch.ts'
import { ErrorCode, type FileChange, type WatchRequest } from '../../../src/sandbox/agent-protocol.ts'
import type { AgentConnection } from '../../../src/sandbox/agent-client/connection.ts'
import { describeAgent } from '../../support/agent-suite.ts'
import { waitFor } from '../../support/wait-for.ts'

interface Recording {
  watch: FileWatch
  changes: FileChange[]
  overflows: () => number
  /** What a client knows by now that takes every change at its word. */
  known: Map<string, string>
  /** Each change as `kind path`, or `kind path -> path`. */
  lines: () => string[]
  /** Resolves when all of these have been reported. */
  saw: (...lines: string[]) => Promise<unknown>
}

function describeChange ({ kind, entry, to }: FileChange): string {
  return `${kind} ${entry.path.toString()}${to === undefined ? '' : ` -> ${to.toString()}`}`
}

function apply (known: Map<string, string>, { kind, entry, to }: FileChange): void {
  const path = entry.path.toString()
  if (kind === 'created' || kind === 'modified') known.set(path, entry.type)
  if (kind === 'created' || kind === 'modified') return
  const under = [...known].filter(([name]) => name === path || name.startsWith(`${path}/`))
  for (const [name] of under) known.delete(name)
  if (to === undefined) return
  known.set(to.toString(), entry.type)
  for (const [name, type] of under) known.set(to.toString() + name.slice(path.length), type)
}

async function record (connection: AgentConnection, request: Partial<WatchRequest> = {}, handlers: Partial<WatchHandlers> = {}): Promise<Recording> {
  const changes: FileChange[] = []
  const known = new Map<string, string>()
  let overflows = 0
  const watch = watchFiles(connection, { recursive: true, ...request }, {
    onChanges: (more) => {
      for (const change of more) {
        changes.push(change)
        apply(known, change)
      }
    },
    onOverflow: () => { overflows++ },
    ...handlers
  })
  await watch.ready
  const lines = () => changes.map(describeChange)
  return {
    watch,
    changes,
    known,
    overflows: () => overflows,
    lines,
    saw: (...wanted) => waitFor(wanted.join(', '), () => wanted.every((line) => lines().includes(line)))
  }
}

/** What a client that took every change at its word should know. */
function look (directory: string, prefix = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = prefix + entry.name
    found.set(path, entry.isDirectory() ? 'directory' : entry.isSymbolicLink() ? 'symlink' : 'file')
    if (entry.isDirectory()) for (const [name, type] of look(join(directory, entry.name), `${path}/`)) found.set(name, type)
  }
  return found
}

const sorted = (map: Map<string, string>) => [...map].sort(([a], [b]) => a < b ? -1 : 1)

describeAgent('watching', ({ build, connect, root }) => {
  const at = (path: string) => join(root(), path)

  test('reports what is created, modified, moved and deleted', async () => {
    const { connection } = await connect()
    const { saw, changes } = await record(connection)
    await writeFile(at('file'), 'content')
    await saw('created file')
    // Slow writers have their content reported by itself.
    await waitFor('its content', () => changes.at(-1)?.entry.size === 7)
    expect(changes.at(-1)).toMatchObject({ entry: { type: 'file', size: 7, mode: 0o644 } })
    await writeFile(at('file'), 'more content')
    await saw('modified file')
    await waitFor('all of its content', () => changes.at(-1)?.entry.size === 12)
    await rename(at('file'), at('other'))
    await saw('moved file -> other')
    expect(changes.at(-1)).toMatchObject({ kind: 'moved', entry: { type: 'file', size: 12 } })
    await chmod(at('other'), 0o600)
    await saw('modified other')
    await unlink(at('other'))
    await saw('deleted other')
    expect(changes.at(-1)).toMatchObject({ kind: 'deleted', entry: { type: 'file', size: 0, inode: 0n } })
    await symlink('/etc/passwd', at('link'))
    await saw('created link')
    expect(changes.at(-1)?.entry.target?.toString()).toBe('/etc/passwd')
  })

  test('makes one change of many writes', async () => {
    const { connection } = await connect()
    const { saw, lines } = await record(connection)
    const fd = openSync(at('log'), 'w')
    for (let line = 0; line < 1000; line++) appendFileSync(fd, 'line\n')
    closeSync(fd)
    writeFileSync(at('last'), '')
    await saw('created log', 'created last')
    expect(lines().filter((line) => line === 'created log')).toHaveLength(1)
    expect(lines().length).toBeLessThan(100)
  })

  test('reports directories that appear with all they hold', async () => {
    const { connection } = await connect()
    const { known, saw } = await record(connection)
    execFileSync('sh', ['-c', 'mkdir -p a/b/c; touch a/b/c/x; mkdir -p a/d; touch a/d/y; mkdir -p e/f/g/h/i/j; touch e/f/g/h/i/j/z'], { cwd: root() })
    await saw('created a/b/c/x', 'created a/d/y', 'created e/f/g/h/i/j/z')
    expect(sorted(known)).toEqual(sorted(look(root())))
    writeFileSync(at('a/b/c/later'), '')
    await saw('created a/b/c/later')
  })

  test('follows what is moved in, out and within', async () => {
    await mkdir(at('watched/a/b'), { recursive: true })
    await mkdir(at('outside/full/deep'), { recursive: true })
    await writeFile(at('outside/full/deep/file'), '')
    await writeFile(at('watched/a/b/old'), '')
    const { connection } = await connect()
    const { saw, known } = await record(connection, { path: 'watched' })
    await rename(at('outside/full'), at('watched/full'))
    await saw('created watched/full', 'created watched/full/deep/file')
    await rename(at('watched/a'), at('watched/full/a'))
    await saw('moved watched/a -> watched/full/a')
    await writeFile(at('watched/full/a/b/new'), '')
    await saw('created watched/full/a/b/new')
    await rename(at('watched/full'), at('outside/back'))
    await saw('deleted watched/full')
    await writeFile(at('outside/back/a/b/unseen'), '')
    await writeFile(at('watched/last'), '')
    await saw('created watched/last')
    expect([...known.keys()]).toEqual(['watched/last'])
  })

  test('keeps up with directories that are moved about while they are filled', async () => {
    const { connection } = await connect()
    const { known, overflows } = await record(connection)
    const rounds = build === 'agent' ? 300 : 60
    for (let round = 0; round < rounds; round++) {
      mkdirSync(at(`d${round}`))
      mkdirSync(at(`d${round}/sub`))
      writeFileSync(at(`d${round}/sub/file`), '')
      renameSync(at(`d${round}`), at(`e${round}`))
      writeFileSync(at(`e${round}/sub/second`), '')
      renameSync(at(`e${round}/sub`), at(`e${round}/moved`))
      mkdirSync(at(`d${round}`))
      writeFileSync(at(`d${round}/third`), '')
      if (round % 3 === 0) renameSync(at(`d${round}`), at(`e${round}/nested`))
      if (round % 5 === 0) rmSync(at(`e${round}`), { recursive: true })
    }
    writeFileSync(at('last'), '')
    await waitFor('the same picture', () => known.size === look(root()).size)
    expect(sorted(known)).toEqual(sorted(look(root())))
    expect(overflows()).toBe(0)
  })

  test.each([1, 100])('reports every one of 10,000 files created in %i directories', async (directories) => {
    const files = build === 'agent' ? 10_000 : 2000
    const { connection } = await connect()
    const { known, overflows } = await record(connection)
    const script = `
import os, sys
for directory in range(${directories}):
    os.makedirs(f'node/{directory}/lib')
    for file in range(${files / directories}):
        with open(f'node/{directory}/lib/{file}', 'w') as f: f.write('x' * 100)
`
    execFileSync('python3', ['-c', script], { cwd: root() })
    const total = 1 + 2 * directories + files
    await waitFor('all files or an overflow', () => known.size === total || overflows() > 0)
    expect(overflows()).toBe(0)
    expect(sorted(known)).toEqual(sorted(look(root())))
  })

  test('shows an atomic save as a change of the file, and temporaries of our own never', async () => {
    await writeFile(at('file'), 'old')
    const { connection } = await connect()
    const { lines, saw } = await record(connection)
    writeFileSync(at('.file.tmp'), 'new')
    renameSync(at('.file.tmp'), at('file'))
    // A move only if what it replaces the file with has been told of already.
    const saves = () => lines().filter((line) => line === 'created file' || line === 'moved .file.tmp -> file')
    await waitFor('the save', () => saves().length === 1)
    writeFileSync(at('.berth-123'), 'newer')
    renameSync(at('.berth-123'), at('file'))
    writeFileSync(at('.berth-left'), '')
    await mkdir(at('.berth-tree/inner'), { recursive: true })
    writeFileSync(at('.berth-tree/inner/file'), '')
    renameSync(at('.berth-tree'), at('tree'))
    await saw('created tree/inner/file')
    expect(lines().filter((line) => line.includes('berth'))).toEqual([])
    expect(saves()).toEqual([expect.any(String), 'created file'])
  })

  test('leaves out the content of excluded names', async () => {
    await mkdir(at('a/node_modules/x'), { recursive: true })
    const { connection } = await connect()
    const { lines, saw } = await record(connection, { exclude: ['node_modules', '.git'] })
    writeFileSync(at('a/node_modules/x/unseen'), '')
    mkdirSync(at('.git/objects'), { recursive: true })
    writeFileSync(at('.git/objects/unseen'), '')
    renameSync(at('a/node_modules'), at('a/modules'))
    await saw('created .git', 'moved a/node_modules -> a/modules', 'created a/modules/x/unseen')
    renameSync(at('a/modules'), at('a/node_modules'))
    await saw('moved a/modules -> a/node_modules')
    writeFileSync(at('a/node_modules/x/later'), '')
    writeFileSync(at('last'), '')
    await saw('created last')
    expect(lines().filter((line) => line.includes('.git/') || line.includes('later'))).toEqual([])
  })

  test('watches a directory alone', async () => {
    await mkdir(at('a/b'), { recursive: true })
    const { connection } = await connect()
    const { lines, saw } = await record(connection, { path: 'a', recursive: false })
    writeFileSync(at('a/b/unseen'), '')
    mkdirSync(at('a/c'))
    writeFileSync(at('a/c/unseen'), '')
    writeFileSync(at('unseen'), '')
    writeFileSync(at('a/file'), '')
    await saw('created a/c', 'created a/file')
    expect(lines().filter((line) => line.includes('unseen'))).toEqual([])
  })

  test('watches a file, also when another is put in its place', async () => {
    await mkdir(at('a'))
    await writeFile(at('a/file'), '')
    const { connection } = await connect()
    const { lines, saw, changes } = await record(connection, { path: 'a/file', recursive: false })
    writeFileSync(at('a/other'), '')
    writeFileSync(at('a/file'), 'x')
    await saw('modified a/file')
    writeFileSync(at('a/file.tmp'), 'replaced')
    renameSync(at('a/file.tmp'), at('a/file'))
    await saw('created a/file')
    expect(changes.at(-1)?.entry.size).toBe(8)
    unlinkSync(at('a/file'))
    await saw('deleted a/file')
    expect(lines().filter((line) => !line.endsWith(' a/file'))).toEqual([])
  })

  test('reaches what is watched through links that stay beneath the root', async () => {
    await mkdir(at('real/sub'), { recursive: true })
    await symlink('real', at('link'))
    await symlink('/etc', at('out'))
    const { connection } = await connect()
    const { saw } = await record(connection, { path: 'link/sub' })
    writeFileSync(at('real/sub/file'), '')
    await saw('created link/sub/file')
    for (const path of ['out', 'out/ssl', '../x', '/etc']) {
      await expect(watchFiles(connection, { path, recursive: true }, { onChanges () {}, onOverflow () {} }).ready).rejects.toMatchObject({ code: ErrorCode.BAD_PATH })
    }
    await expect(watchFiles(connection, { path: 'none', recursive: true }, { onChanges () {}, onOverflow () {} }).ready).rejects.toMatchObject({ code: ErrorCode.NOT_FOUND })
  })

  test('stops', async () => {
    const { connection } = await connect()
    const { watch, lines } = await record(connection)
    watch.stop()
    await watch.ended
    writeFileSync(at('unseen'), '')
    const { saw } = await record(connection)
    writeFileSync(at('seen'), '')
    await saw('created seen')
    expect(lines()).toEqual([])
  })

  test.each(['removed', 'moved away'])('ends when what is watched is %s', async (how) => {
    await mkdir(at('a/b/c'), { recursive: true })
    const { connection } = await connect()
    const { watch, lines } = await record(connection, { path: 'a/b' })
    if (how === 'removed') await rm(at('a/b'), { recursive: true })
    else await rename(at('a/b'), at('elsewhere'))
    await watch.ended
    expect(lines().at(-1)).toBe('deleted a/b')
  })

  test.each(['the directory itself', 'the directory above it'])('lives on when %s is moved away and back while it is being filled', async (moved) => {
    await mkdir(at('a'))
    const { connection } = await connect()
    const path = moved === 'the directory itself' ? 'a' : 'a/b'
    for (let round = 0; round < 40; round++) {
      mkdirSync(at(path), { recursive: true })
      const { watch, saw } = await record(connection, { path })
      for (let file = 0; file < 30; file++) writeFileSync(join(at(path), `${file}`), '')
      renameSync(at('a'), at('away'))
      renameSync(at('away'), at('a'))
      // Whether it ends or goes on is a matter of time; either way the agent says so.
      writeFileSync(join(at(path), `late-${round}`), '')
      await Promise.race([watch.ended, saw(`created ${path}/late-${round}`)])
      watch.stop()
      await watch.ended
    }
    const { saw } = await record(connection)
    writeFileSync(at('last'), '')
    await saw('created last')
  }, 30_000)

  test('tells a client that does not read of the overflow, and goes on when it reads again', async () => {
    const files = 20_000
    const { connection, pid } = await connect()
    let release = () => {}
    const held = new Promise<void>((resolve) => { release = resolve })
    const { overflows, watch } = await record(connection, {}, { onChanges: () => held })
    execFileSync('sh', ['-c', `seq -f 'a-rather-long-name-for-a-file-so-that-it-takes-room-%06.0f' ${files} | xargs touch`], { cwd: root() })
    await waitFor('an overflow', () => overflows() > 0)
    const memory = () => Number(/VmRSS:\s+(\d+)/.exec(execFileSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' }))![1])
    if (build === 'agent') expect(memory()).toBeLessThan(8 * 1024)
    const before = overflows()
    execFileSync('sh', ['-c', 'touch more'], { cwd: root() })
    release()
    await waitFor('another overflow, for what was missed meanwhile', () => overflows() > before)
    watch.stop()
    const { saw } = await record(connection)
    writeFileSync(at('last'), '')
    await saw('created last')
  })

  test('starts over when the kernel\'s queue overflows', async () => {
    const { connection, pid } = await connect()
    const { overflows, known, saw } = await record(connection)
    process.kill(pid, 'SIGSTOP')
    execFileSync('python3', ['-c', `
import os
os.makedirs('new/deep')
for file in range(9000):
    open(f'f{file}', 'w').close(); os.unlink(f'f{file}')
os.makedirs('later/deep')
`], { cwd: root() })
    process.kill(pid, 'SIGCONT')
    await waitFor('both overflows: at once, and when everything is watched again', () => overflows() === 2)
    known.clear()
    writeFileSync(at('new/deep/file'), '')
    writeFileSync(at('later/deep/file'), '')
    await saw('created new/deep/file', 'created later/deep/file')
  })

  test('says what is lost, and watches what is new, while changes come without end', async () => {
    const storm = spawn('python3', ['-c', `
import os
while True:
    for name in 'a', 'b', 'c', 'd':
        open(name, 'w').close(); os.rename(name, name + '2'); os.unlink(name + '2')
`], { cwd: root(), stdio: 'ignore' })
    try {
      const { connection, pid } = await connect()
      const { overflows, saw } = await record(connection)
      mkdirSync(at('new'))
      mkdirSync(at('new/deep'))
      await saw('created new/deep')
      writeFileSync(at('new/deep/file'), '')
      await saw('created new/deep/file')
      process.kill(pid, 'SIGSTOP')
      execFileSync('sh', ['-c', 'seq 20000 | xargs touch; seq 20000 | xargs rm'], { cwd: root() })
      process.kill(pid, 'SIGCONT')
      await waitFor('both overflows', () => overflows() >= 2)
    } finally {
      storm.kill('SIGKILL')
    }
  })

  test('names the limit on watches', async () => {
    execFileSync('sh', ['-c', 'seq 40 | xargs mkdir'], { cwd: root() })
    // A user namespace of its own has limits of its own.
    const limit = 'echo 20 > /proc/sys/user/max_inotify_watches && exec "$@"'
    const { connection } = await connect({ wrapper: ['unshare', '--user', '--map-root-user', 'sh', '-c', limit, 'sh'] })
    const watch = watchFiles(connection, { recursive: true }, { onChanges () {}, onOverflow () {} })
    await expect(watch.ready).rejects.toMatchObject({ code: ErrorCode.WATCH_LIMIT, message: expect.stringContaining('fs.inotify.max_user_watches') })
    const few = await record(connection, { recursive: false })
    mkdirSync(at('new'))
    await few.saw('created new')
  })

  test('says so when a directory that appears cannot be watched', async () => {
    const limit = 'echo 5 > /proc/sys/user/max_inotify_watches && exec "$@"'
    const { connection } = await connect({ wrapper: ['unshare', '--user', '--map-root-user', 'sh', '-c', limit, 'sh'] })
    const { overflows } = await record(connection)
    execFileSync('sh', ['-c', 'seq 10 | xargs mkdir'], { cwd: root() })
    await waitFor('an overflow', () => overflows() > 0)
  })

  test('says so when directories are too deep for a path, and watches the others', async () => {
    execFileSync('python3', ['-c', `
import os
for level in range(1000):
    os.mkdir('level'); os.chdir('level')
`], { cwd: root() })
    const { connection } = await connect()
    const { overflows, saw } = await record(connection)
    expect(overflows()).toBe(1)
    writeFileSync(at('level/level/file'), '')
    await saw('created level/level/file')
    execFileSync('rm', ['-rf', at('level')])
    await saw('deleted level')
  })

  test('never reports what is outside while directories are swapped for links', async () => {
    await mkdir(at('inside'))
    const swap = spawn('python3', ['-c', `
import os
while True:
    os.makedirs('inside/d', exist_ok=True)
    open('inside/d/in', 'w').close()
    os.rename('inside/d', 'inside/e')
    os.symlink('/etc', 'inside/d')
    os.unlink('inside/d')
    os.unlink('inside/e/in'); os.rmdir('inside/e')
`], { cwd: root(), stdio: 'ignore' })
    try {
      const { connection } = await connect()
      const { changes, watch } = await record(connection)
      await waitFor('many changes', () => changes.length > 2000)
      watch.stop()
      await watch.ended
      const names = new Set(changes.flatMap(({ entry, to }) => [entry.path.toString(), to?.toString() ?? '']))
      expect([...names].filter((name) => !/^(inside(\/[de](\/in)?)?)?$/.test(name))).toEqual([])
    } finally {
      swap.kill('SIGKILL')
    }
  })

  test('reports the first change after a quiet time without the pause between reports', async () => {
    const { connection } = await connect()
    let arrived = () => {}
    await record(connection, {}, { onChanges: () => arrived() })
    const times: number[] = []
    for (let round = 0; round < 100; round++) {
      const change = new Promise<void>((resolve) => { arrived = resolve })
      const started = performance.now()
      writeFileSync(at(`file${round}`), '')
      await change
      times.push(performance.now() - started)
      // Two pauses apart, so that each is the first change for a while.
      await waitFor('a pause', () => performance.now() - started > 12)
    }
    // The pause is 5 ms (watch_pump.c), and would be in each of them. How fast a report is, the bench `files` says.
    expect(Math.min(...times)).toBeLessThan(5)
  })
})
