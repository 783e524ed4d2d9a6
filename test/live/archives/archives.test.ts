import { get } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeTar } from '../../support/tar-fixture.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'
import { DESCRIBE_TREE, MAKE_TREE, archivesOf, describeTree, unpacked } from './archives.ts'

const MEGABYTE = 1024 * 1024

let berth: Berth
let user: User
let id: string
let archives: ReturnType<typeof archivesOf>

beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_SIZE: '64m' }, { settings: { projects: { fileBytes: 40 * 2 ** 20 } } })
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())
beforeEach(async () => {
  ({ id } = await user.createProject({ files: [{ path: 'given', content: 'at creation' }] }))
  archives = archivesOf(berth.origin, user, id)
})
afterEach(async () => await user.remove(id))

const inside = async (program: string, ...args: string[]): Promise<string> => {
  const { output, error, exitCode } = await user.exec(id, ['python3', '-c', program, ...args])
  if (exitCode !== 0) throw new Error(error)
  return output
}

describe('a download', () => {
  it.each(['tar.gz', 'zip'] as const)('as %s has everything, with modes, times and links', async (format) => {
    await inside(MAKE_TREE)
    const expected = await inside(DESCRIBE_TREE, '/workspace')
    const archive = await archives.download(`format=${format}`)
    expect(await unpacked(archive, format, describeTree).then((text) => format === 'zip' ? withoutTimes(text) : text))
      .toBe(format === 'zip' ? withoutTimes(expected) : expected)
  })

  it('works on a project that never ran', async () => {
    expect(await unpacked(await archives.download(), 'tar.gz', describeTree)).toMatch(/^f 'given' 644/)
  })

  it('leaves out what is excluded, and special files', async () => {
    await inside('import os\nfor d in ("node_modules/a", "src/node_modules"): os.makedirs(d)\nopen("node_modules/a/f", "w"); open("src/node_modules/g", "w"); open("src/.cache", "w"); os.mkfifo("pipe")')
    const tree = await unpacked(await archives.download('exclude=node_modules&exclude=.cache'), 'tar.gz', describeTree)
    expect(tree.split('\n').map((line) => line.split(' ').slice(0, 2).join(' ')).filter((line) => line !== '')).toEqual(["d 'src'", "f 'given'"])
  })

  it('breaks off, and never looks complete, when the container is killed', async () => {
    await inside('import os\nfor i in range(30): open(f"f{i}", "wb").write(os.urandom(1_000_000))')
    const { containerId } = await user.status(id)
    const error = await new Promise<Error | undefined>((resolve, reject) => {
      get(archives.url, { headers: { 'X-API-Key': user.key } }, (response) => {
        response.once('data', () => {
          response.pause()
          const killed = fetch(`${berth.origin}/projects/${id}/stop`, { method: 'POST', headers: { 'X-API-Key': user.key } })
          killed.then(() => response.resume(), reject)
        })
        response.on('error', resolve)
        response.on('end', () => resolve(undefined))
      }).on('error', reject)
    })
    expect(containerId).not.toBeNull()
    expect(error).toMatchObject({ code: 'ECONNRESET' })
  })

  it('ends with a client that goes away', async () => {
    await inside('import os\nfor i in range(30): open(f"f{i}", "wb").write(os.urandom(1_000_000))')
    const controller = new AbortController()
    const response = await fetch(archives.url, { headers: { 'X-API-Key': user.key }, signal: controller.signal })
    await response.body?.getReader().read()
    controller.abort()
    await waitFor('the project to be free', async () => (await archives.upload(await makeTar([]))).status === 200)
  })

  it('refuses an unknown format', async () => {
    expect((await user.call('GET', `/projects/${id}/archive?format=rar`)).status).toBe(400)
  })
})

describe('an upload', () => {
  it('of what was downloaded makes another project the same', async () => {
    await inside(MAKE_TREE)
    const expected = await inside(DESCRIBE_TREE, '/workspace', '--ns')
    const archive = await archives.download()
    const other = await user.createProject()
    try {
      expect(await archivesOf(berth.origin, user, other.id).upload(archive, '', 'application/gzip')).toMatchObject({ status: 200 })
      const { output } = await user.exec(other.id, ['python3', '-c', DESCRIBE_TREE, '/workspace', '--ns'])
      expect(output).toBe(expected)
    } finally {
      await user.remove(other.id)
    }
  })

  it('adds to what there is, and replaces what has the same name', async () => {
    await inside('import os\nos.makedirs("d/e"); open("d/old", "w").write("1"); open("d/e/old", "w").write("2"); os.makedirs("was-directory/x"); open("was-file", "w"); os.symlink("d", "was-link")')
    const tar = await makeTar([
      { name: 'd/new', content: '3' }, { name: 'd/e/old', content: '4' }, { name: 'was-directory', content: '5' },
      { name: 'was-file/now/deep', content: '6' }, { name: 'was-link/inside', content: '7' }, { name: 'h1', content: '8' }, { name: 'h2', type: 'link', linkname: 'h1' }
    ])
    expect(await archives.upload(tar)).toEqual({ status: 200, body: { members: 7, size: 7 } })
    expect(await inside('import glob, os\nfor f in sorted(glob.glob("**", recursive=True)):\n  if os.path.isfile(f): print(f, open(f).read())')).toBe(
      'd/e/old 4\nd/new 3\nd/old 1\ngiven at creation\nh1 8\nh2 8\nwas-directory 5\nwas-file/now/deep 6\nwas-link/inside 7\n')
  })

  it('with replace makes the project what the archive is', async () => {
    await inside('import os\nos.makedirs("d/e"); open("d/old", "w"); os.makedirs("locked/x"); os.chmod("locked", 0o500); open(".hidden", "w")')
    expect((await archives.upload(gzipSync(await makeTar([{ name: 'only', content: 'this' }])), 'replace=true', 'application/octet-stream')).status).toBe(200)
    expect(await user.exec(id, 'ls -A; cat only')).toMatchObject({ output: 'only\nthis' })
  })

  it('works on a project at rest, before its first start too', async () => {
    expect((await archives.upload(await makeTar([{ name: 'new', content: 'n' }]))).status).toBe(200)
    expect(await user.exec(id, 'cat given new')).toMatchObject({ output: 'at creationn' })
  })

  it.each<[string, () => Promise<Buffer>, number, string]>([
    ['has a path that leaves', async () => await makeTar([{ name: 'good', content: 'x' }, { name: '../evil', content: 'x' }]), 400, 'BAD_ARCHIVE'],
    ['has a file through a link that leaves', async () => await makeTar([{ name: 'l', type: 'symlink', linkname: '/etc' }, { name: 'l/cron', content: 'x' }]), 400, 'BAD_ARCHIVE'],
    ['is cut off', async () => (await makeTar([{ name: 'good', content: 'x' }, { name: 'b', content: 'y'.repeat(9000) }])).subarray(0, 3000), 400, 'BAD_ARCHIVE'],
    ['is empty', async () => Buffer.alloc(0), 400, 'BAD_ARCHIVE'],
    ['has a file that is too large', async () => await makeTar([{ name: 'good', content: 'x' }, { name: 'b', content: Buffer.alloc(41 * MEGABYTE) }]), 413, 'ARCHIVE_TOO_LARGE'],
    ['has more than fits into a project', async () => await makeTar([1, 2].map((i) => ({ name: `f${i}`, content: Buffer.alloc(35 * MEGABYTE) }))), 413, 'ARCHIVE_TOO_LARGE']
  ])('that %s changes nothing', async (_what, make, status, code) => {
    expect(await archives.upload(await make())).toMatchObject({ status, body: { code } })
    expect(await user.exec(id, 'ls -A')).toMatchObject({ output: 'given\n' })
  })

  it('that fits no longer with what is there is refused', async () => {
    await inside('import os\nopen("big", "wb").write(os.urandom(35_000_000))')
    const tar = await makeTar([{ name: 'f', content: Buffer.alloc(35 * MEGABYTE, 'x') }])
    expect(await archives.upload(tar)).toMatchObject({ status: 413, body: { code: 'PROJECT_FULL' } })
    expect(await archives.upload(tar, 'replace=true')).toMatchObject({ status: 200 })
  })

  it('into a directory that cannot be changed changes nothing', async () => {
    await inside('import os\nos.makedirs("locked"); open("locked/f", "w").write("old"); os.chmod("locked", 0o500)')
    const tar = await makeTar([{ name: 'a', content: 'x' }, { name: 'locked/f', content: 'new' }])
    expect(await archives.upload(tar)).toMatchObject({ status: 403, body: { code: 'FILE_DENIED' } })
    expect(await user.exec(id, 'ls -A; cat locked/f')).toMatchObject({ output: 'given\nlocked\nold' })
  })

  it('of another type is refused', async () => {
    expect((await archives.upload(Buffer.from('{}'), '', 'application/json')).status).toBe(415)
  })

  it('of two at once puts in all of both', async () => {
    const tars = await Promise.all(['a', 'b'].map(async (name) => await makeTar(Array.from({ length: 300 }, (_, i) => ({ name: `${name}/${i}`, content: name })))))
    const answers = await Promise.all(tars.map(async (tar) => await archives.upload(tar)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(await user.exec(id, 'ls a b | wc -l; ls -A')).toMatchObject({ output: '603\na\nb\ngiven\n' })
  })

  it('is not for other users', async () => {
    const other = await signUp(berth.origin)
    expect((await archivesOf(berth.origin, other, id).upload(await makeTar([]))).status).toBe(404)
    expect((await other.call('GET', `/projects/${id}/archive`)).status).toBe(404)
  })
})

/** A zip has times of two seconds in a time zone that nobody knows. */
function withoutTimes (tree: string): string {
  return tree.replaceAll(/^(f .*) (\d+) \d+ (\w+)$/gm, '$1 $2 $3')
}
