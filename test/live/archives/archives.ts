import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { User } from '../projects/user.ts'

const run = promisify(execFile)

/** The archive calls of one project. */
export function archivesOf (origin: string, { key }: Pick<User, 'key'>, projectId: string) {
  const url = `${origin}/projects/${projectId}/archive`
  return {
    url,
    async download (query = ''): Promise<Buffer> {
      const response = await fetch(`${url}?${query}`, { headers: { 'X-API-Key': key } })
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
      return Buffer.from(await response.arrayBuffer())
    },
    async upload (body: Buffer, query = '', type = 'application/x-tar'): Promise<{ status: number, body: { code?: string, message?: string, members?: number, size?: number } }> {
      const response = await fetch(`${url}?${query}`, { method: 'PUT', headers: { 'X-API-Key': key, 'Content-Type': type }, body: new Uint8Array(body) })
      return { status: response.status, body: await response.json() as object }
    }
  }
}

/** What the usual programs make of an archive, in a directory that is removed afterwards. */
export async function unpacked<T> (archive: Buffer, format: 'tar.gz' | 'zip', look: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-archive-'))
  const file = path.join(directory, `${randomUUID()}.${format}`)
  const target = path.join(directory, 'content')
  try {
    await writeFile(file, archive)
    await mkdir(target)
    if (format === 'zip') await run('python3', ['-c', UNZIP, file, target])
    else await run('tar', ['--extract', '--gzip', '--same-permissions', '--file', file, '--directory', target])
    return await look(target)
  } finally {
    await rm(directory, { recursive: true })
  }
}

// Python's own extractall forgets modes and links.
const UNZIP = `
import os, stat, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    for info in archive.infolist():
        mode = info.external_attr >> 16
        path = os.path.join(sys.argv[2], info.filename)
        if stat.S_ISLNK(mode):
            os.symlink(archive.read(info), path)
        else:
            archive.extract(info, sys.argv[2])
            os.chmod(path, stat.S_IMODE(mode))
`

/** The same text for the same tree, also inside a project: type, mode, time of files, name, target and content's checksum. */
export const DESCRIBE_TREE = `
import hashlib, os, stat, sys
def show(path, name):
    facts = os.lstat(path)
    if stat.S_ISLNK(facts.st_mode): return f"l {name!r} {os.readlink(path)!r}"
    if stat.S_ISDIR(facts.st_mode): return f"d {name!r} {stat.S_IMODE(facts.st_mode):o}"
    return f"f {name!r} {stat.S_IMODE(facts.st_mode):o} {facts.st_mtime_ns if '--ns' in sys.argv else int(facts.st_mtime)} {hashlib.sha256(open(path, 'rb').read()).hexdigest()}"
lines = []
for base, directories, files in os.walk(sys.argv[1]):
    for entry in directories + files:
        path = os.path.join(base, entry)
        lines.append(show(path, os.path.relpath(path, sys.argv[1])))
print("\\n".join(sorted(lines)))
`

/** Everything that a tree may have in it, made with Python. */
export const MAKE_TREE = `
import os
os.umask(0o022)
os.makedirs("src/deep/er")
os.makedirs("empty"); os.chmod("empty", 0o700)
open("main.py", "w").write("print('hi')\\n")
open("src/run.sh", "w").write("#!/bin/sh\\n"); os.chmod("src/run.sh", 0o755)
open("src/secret", "w").write("s"); os.chmod("src/secret", 0o600)
open("src/deep/er/grüße 日本\\n.txt", "w").write("umlaut")
open("none", "w")
with open("large.bin", "wb") as large:
    for i in range(300): large.write(os.urandom(10000))
os.symlink("src/run.sh", "link")
os.symlink("../main.py", "src/up")
os.symlink("nowhere", "dangling")
os.utime("main.py", ns=(1_600_000_000_123_456_789, 1_600_000_000_123_456_789))
for i in range(300):
    open(f"src/deep/f{i:03}", "w").write(f"file {i}")
`

export async function describeTree (directory: string): Promise<string> {
  return (await run('python3', ['-c', DESCRIBE_TREE, directory])).stdout
}
