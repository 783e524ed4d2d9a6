import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseDocument, root } from '../../documents/documents.ts'
import { startBerth, type Berth } from '../support/berth.ts'

const run = promisify(execFile)
const DEADLINE_MS = 120_000

let berth: Berth
let directory: string

async function npm (cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('npm', args, { cwd, signal: AbortSignal.timeout(DEADLINE_MS) })
  return stdout
}

beforeAll(async () => {
  berth = await startBerth({ RATE_LIMIT_SIGNIN: 'off' })
  directory = await mkdtemp(path.join(tmpdir(), 'berth-client-'))
  await npm(path.join(root, 'packages/client'), 'run', '--silent', 'build')
  const [packed] = JSON.parse(await npm(path.join(root, 'packages/client'), 'pack', '--silent', '--json', '--pack-destination', directory)) as Array<{ filename: string }>
  await writeFile(path.join(directory, 'package.json'), '{ "private": true, "type": "module" }')
  await npm(directory, 'install', '--offline', '--no-audit', '--no-fund', path.join(directory, packed?.filename.replace('@berth/', 'berth-') ?? ''))
}, DEADLINE_MS)
afterAll(async () => {
  await berth.stop()
  await rm(directory, { recursive: true })
})

describe('the package @berth/client, installed into an empty directory', () => {
  it('brings nothing but itself', async () => {
    const { dependencies } = JSON.parse(await npm(directory, 'ls', '--all', '--json')) as { dependencies: Record<string, { dependencies?: object }> }
    expect(Object.keys(dependencies)).toEqual(['@berth/client'])
    expect(dependencies['@berth/client']?.dependencies).toBeUndefined()
  })

  it('does in Node what its README says', async () => {
    await mkdir(path.join(directory, 'node_modules'), { recursive: true })
    await symlink(path.join(root, 'node_modules/ws'), path.join(directory, 'node_modules/ws'))
    const name = 'packages/client/README.md'
    const { blocks } = parseDocument(name, await readFile(path.join(root, name), 'utf8'))
    const first = blocks.findIndex(({ language }) => language === 'ts')
    const examples = blocks.slice(first)
    const program = examples.filter(({ language }) => language === 'ts').map(({ text }) => text).join('\n')
    await writeFile(path.join(directory, 'example.mjs'), program.replace('http://127.0.0.1:3000', berth.origin))
    const { stdout } = await run(process.execPath, ['example.mjs', berth.key], {
      cwd: directory, signal: AbortSignal.timeout(DEADLINE_MS)
    })
    expect(stdout.trimEnd().split('\n')).toEqual(examples.filter(({ language }) => language === 'text').flatMap(({ text }) => text.split('\n')))
  })

  it('has types that a strict program checks against', async () => {
    await writeFile(path.join(directory, 'typed.ts'), `
      import { createBerth } from '@berth/client'
      const berth = createBerth({ url: 'https://berth.example', key: async () => 'brt_x' })
      const names: string[] = (await berth.call('GET /projects')).projects.map(({ name }) => name)
      const { output }: { output: string } = await berth.execute({ language: 'python', code: '' })
      // @ts-expect-error there is no such call
      await berth.call('GET /nothing')
      // @ts-expect-error it takes parameters
      await berth.call('GET /projects/{id}')
      // @ts-expect-error it takes a language
      await berth.execute({ code: '' })
      export { names, output }
    `)
    await run(path.join(root, 'node_modules/.bin/tsc'), [
      '--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2023,dom,dom.iterable', '--types', '', 'typed.ts'
    ], { cwd: directory, signal: AbortSignal.timeout(DEADLINE_MS) })
  })
})
