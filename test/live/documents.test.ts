import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { readDocuments, root, type Document } from '../documents/documents.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { createDatabase } from '../support/test-database.ts'
import { userWithKey } from './projects/user.ts'

const run = promisify(execFile)
const documents = await readDocuments()
const withExamples = documents.filter(({ blocks }) => blocks.some(({ language }) => language === 'sh'))

// An example whose call is refused has failed, although curl says nothing of it.
const CURL = `#!/bin/sh
for argument; do case $argument in --fail-with-body) exec "$REAL_CURL" "$@" ;; esac; done
exec "$REAL_CURL" --fail-with-body "$@"
`
const BERTH = `#!/bin/sh
exec ${process.execPath} ${path.join(root, 'dist/cli.js')} "$@"
`
const MARK = '@@ block '

let database: Awaited<ReturnType<typeof createDatabase>>
let server: ServerProcess
let directory: string

beforeAll(async () => {
  database = await createDatabase(inject('databaseServerUrl'))
  server = await startServerProcess({ DATABASE_URL: database.url, RUNTIMES: 'python,javascript,bun', RATE_LIMIT_SIGNIN: 'off' })
  directory = await mkdtemp(path.join(tmpdir(), 'berth-documents-'))
  await mkdir(path.join(directory, 'data'))
  await mkdir(path.join(directory, 'bin'))
  await writeFile(path.join(directory, 'data/api-key'), server.key)
  for (const [name, script] of [['curl', CURL], ['berth', BERTH]] as const) await writeFile(path.join(directory, 'bin', name), script, { mode: 0o755 })
})
afterAll(async () => {
  await server.stop()
  await database.drop()
  await rm(directory, { recursive: true })
})

/** The examples of a document one after the other, in one shell, as somebody pastes them. */
async function pasteAll ({ blocks }: Document): Promise<Map<number, string>> {
  const examples = blocks.filter(({ language }) => language === 'sh')
  const script = ['set -euo pipefail', ...examples.flatMap(({ line, text }) => [`echo; echo '${MARK}${line}'`, text])].join('\n')
  const { port } = new URL(server.origin)
  const { stdout: curl } = await run('sh', ['-c', 'command -v curl'])
  const { stdout } = await run('bash', ['-c', script.replaceAll(':3000', `:${port}`)], {
    cwd: directory,
    env: { PATH: `${path.join(directory, 'bin')}:${process.env.PATH}`, HOME: directory, REAL_CURL: curl.trim(), DATA_DIR: server.dataDir, DATABASE_URL: database.url, API_KEY: server.key, PORT: port },
    signal: AbortSignal.timeout(50_000)
  })
  return new Map(stdout.split(`\n${MARK}`).slice(1).map((part) => {
    const end = part.indexOf('\n')
    return [Number(part.slice(0, end)), part.slice(end + 1)]
  }))
}

/** An answer as the document shows it, and as it came, without the values: the fields, in any order. */
function fieldsOf (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fieldsOf)
  if (typeof value !== 'object' || value === null) return 'value'
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, fieldsOf(field)]))
}

describe('examples of the documents', () => {
  it('are there', () => expect(withExamples.length).toBeGreaterThan(10))

  it.each(withExamples.map((document) => [document.name, document] as const))('%s: work when they are pasted', async (_name, document) => {
    const printed = await pasteAll(document)
    for (const [i, { language, line, text }] of document.blocks.entries()) {
      if (language !== 'sh') continue
      expect(printed.has(line), `line ${line} was reached`).toBe(true)
      const answer = document.blocks[i + 1]
      const end = line + text.split('\n').length + 1
      if (answer?.language !== 'json' || answer.line > end + 2) continue
      const shown: unknown = JSON.parse(answer.text)
      const came: unknown = JSON.parse(printed.get(line) ?? '')
      expect(fieldsOf(came), `line ${answer.line}`).toEqual(fieldsOf(shown))
    }
    const user = userWithKey(server.origin, server.key)
    const { body } = await user.call<{ projects: unknown[] }>('GET', '/projects')
    expect(body.projects, 'projects that the examples leave behind').toEqual([])
  })

  it.each(documents.flatMap(({ name, blocks }) => blocks.filter(({ language, remark }) => language === 'ts' && remark === '').map(({ text }) => [name, text] as const)))('%s: its TypeScript runs', async (_name, text) => {
    await run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', text], { cwd: root, signal: AbortSignal.timeout(30_000) })
  })
})
