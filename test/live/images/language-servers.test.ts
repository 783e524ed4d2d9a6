import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { ProcessList } from '../../../src/projects/processes/schemas.ts'
import { loadCatalogue } from '../../../src/sandbox/images/catalogue.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'
import { imagesDirectory } from '../support/berth.ts'
import { findBuilt } from './built.ts'

const { runtimes } = await loadCatalogue(imagesDirectory)
const served = runtimes.flatMap(({ language, languageServers = {} }) => Object.keys(languageServers).map((name) => [language, name] as const))
const built = await findBuilt(runtimes.map(({ language }) => language))

interface Wrong {
  readonly path: string
  readonly text: string
  /** Of the first thing that is wrong with it. */
  readonly line: number
}

/** A file of each language, and where its server should find fault with it. */
const wrong: Record<string, Wrong> = {
  python: { path: 'main.py', text: 'import sys\nnosuch(sys)\n', line: 1 },
  javascript: { path: 'main.js', text: 'const a = 1\nconst a = 2\n', line: 0 },
  typescript: { path: 'main.ts', text: 'const a = 1\nconst b: string = a\n', line: 1 },
  c: { path: 'main.c', text: 'int main(void)\n{\n  return nosuch;\n}\n', line: 2 },
  cpp: { path: 'main.cpp', text: 'int main()\n{\n  return nosuch;\n}\n', line: 2 },
  go: { path: 'main.go', text: 'package main\n\nfunc main() {\n\tnosuch()\n}\n', line: 3 },
  rust: { path: 'src/main.rs', text: 'fn main() {\n    let a: u32 = ;\n}\n', line: 1 },
  bash: { path: 'main.sh', text: 'if true; then\n', line: 0 },
  html: { path: 'index.html', text: '<!doctype html>\n<style>\np { color: }\n</style>\n', line: 2 },
  css: { path: 'style.css', text: 'p {\n  color: ;\n}\n', line: 1 },
  json: { path: 'data.json', text: '{\n  "a": \n}\n', line: 2 }
}
const DEADLINE_MS = 120_000

let berth: Berth
let user: User
beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_TOOLS: 'on' })
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly items?: readonly unknown[], readonly uri?: string, readonly diagnostics?: ReadonlyArray<{ readonly range: { readonly start: { readonly line: number } } }> }
  readonly result?: unknown
}

/** As an editor talks. */
function connect (projectId: string, language: string, { origin, key }: { origin: string, key: string } = { origin: berth.origin, key: user.key }) {
  const ws = new WebSocket(`${origin.replace('http', 'ws')}/projects/${projectId}/language-servers/${language}`, { headers: { 'X-API-Key': key } })
  const messages: Message[] = []
  ws.on('message', (data: Buffer, isBinary) => {
    expect(isBinary).toBe(false)
    const message = JSON.parse(data.toString()) as Message
    messages.push(message)
    // What a server asks for, such as its configuration, an editor without opinions has nothing to say about.
    if (message.method !== undefined && message.id !== undefined) ws.send(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: message.method === 'workspace/configuration' ? (message.params?.items ?? []).map(() => ({})) : null }))
  })
  ws.on('error', () => undefined)
  const closed = new Promise<{ code: number }>((resolve) => ws.once('close', (code) => resolve({ code })))
  const opened = new Promise<void>((resolve) => ws.once('open', () => resolve()))
  const say = (message: object): void => ws.send(JSON.stringify({ jsonrpc: '2.0', ...message }))
  return {
    ws,
    closed,
    messages,
    opened,
    say,
    /** Its first word, which a server that is there answers. */
    async begin (): Promise<void> {
      await opened
      say({ id: 0, method: 'initialize', params: { processId: null, rootUri: 'file:///workspace', capabilities: {} } })
      await waitFor(`an answer among ${messages.length}`, () => messages.find((message) => message.id === 0 && message.result !== undefined), DEADLINE_MS)
    },
    async answer (id: number): Promise<Message> {
      return await waitFor(`an answer among ${messages.length}`, () => messages.find((message) => message.id === id && message.method === undefined), DEADLINE_MS)
    }
  }
}

const processes = async (id: string): Promise<string[]> => (await user.call<ProcessList>('GET', `/projects/${id}/processes`)).body.processes.map(({ name }) => name ?? '')

describe.each(served)('in a project in %s, the language server of %s', (runtime, language) => {
  it.skipIf(!built.has(runtime))(`finds what is wrong with a file, and ends with its socket${built.has(runtime) ? '' : ': skipped, as the image is not built'}`, async () => {
    const { path, text, line } = wrong[language]!
    const { id } = await user.createProject({ runtime, network: 'none', memory: 1024 ** 3, files: [{ path, content: text }, ...language === 'go' ? [{ path: 'go.mod', content: 'module app\n' }] : [], ...language === 'rust' ? [{ path: 'Cargo.toml', content: '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n' }] : []] })
    onTestFinished(async () => await user.remove(id))
    const editor = connect(id, language)
    await editor.opened
    const root = 'file:///workspace'
    editor.say({
      id: 1,
      method: 'initialize',
      params: { processId: null, rootUri: root, initializationOptions: {}, workspaceFolders: [{ uri: root, name: 'workspace' }], capabilities: { textDocument: { publishDiagnostics: {}, diagnostic: {} }, workspace: { configuration: true } } }
    })
    const { result } = await editor.answer(1)
    const { diagnosticProvider } = (result as { capabilities: { diagnosticProvider?: unknown } }).capabilities
    editor.say({ method: 'initialized', params: {} })
    editor.say({ method: 'workspace/didChangeConfiguration', params: { settings: { json: { validate: { enable: true } } } } })
    const uri = `${root}/${path}`
    editor.say({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: language, version: 1, text } } })
    // As often as an editor asks: at first a server may not know its settings yet.
    let asked = 1
    const pull = (): void => { if (diagnosticProvider !== undefined) editor.say({ id: ++asked, method: 'textDocument/diagnostic', params: { textDocument: { uri } } }) }
    pull()
    const lines = await waitFor(`diagnostics among ${JSON.stringify(editor.messages).slice(0, 2000)}`, () => {
      const pulled = editor.messages.find((message) => message.id === asked && message.method === undefined)?.result as { items?: Array<{ range: { start: { line: number } } }> } | undefined
      const pushed = editor.messages.filter(({ method, params }) => method === 'textDocument/publishDiagnostics' && params?.uri === uri).flatMap(({ params }) => params?.diagnostics ?? [])
      const found = [...pulled?.items ?? [], ...pushed].map(({ range }) => range.start.line)
      if (found.length === 0 && pulled !== undefined) pull()
      return found.length > 0 && found
    }, DEADLINE_MS)
    expect(lines).toContain(line)
    expect(await processes(id)).toEqual([`language server: ${language}`])
    editor.ws.close()
    await waitFor('it to end', async () => (await processes(id)).length === 0)
  }, 2 * DEADLINE_MS)
})

describe('a language server', () => {
  it.skipIf(!built.has('python'))('is not there for every language, nor for everybody', async () => {
    const { id } = await user.createProject({ runtime: 'python', network: 'none' })
    onTestFinished(async () => await user.remove(id))
    const unknown = connect(id, 'cobol')
    await unknown.closed
    expect(unknown.messages).toMatchObject([{ type: 'error', code: 'NO_LANGUAGE_SERVER', message: expect.stringContaining('python') }])
    const stranger = await signUp(berth.origin)
    expect(await stranger.call('GET', `/projects/${id}/language-servers/python`)).toMatchObject({ status: 404, body: { code: 'PROJECT_NOT_FOUND' } })
    expect(await user.call('GET', `/projects/${id}/language-servers/python`)).toMatchObject({ status: 426, body: { code: 'UPGRADE_REQUIRED' } })
  })

  it.skipIf(!built.has('python'))('that is killed is told, and is there again for whoever comes again', async () => {
    const { id } = await user.createProject({ runtime: 'python', network: 'none', memory: 1024 ** 3 })
    onTestFinished(async () => await user.remove(id))
    for (let times = 0; times < 3; times++) {
      const editor = connect(id, 'python')
      await editor.begin()
      const { body } = await user.call<ProcessList>('GET', `/projects/${id}/processes`)
      await user.call('POST', `/projects/${id}/processes/${body.processes[0]!.id}/signal`, { signal: 'SIGKILL' })
      expect(await editor.closed).toEqual({ code: 1011 })
      expect(editor.messages.at(-1)).toMatchObject({ type: 'error', code: 'LANGUAGE_SERVER_ENDED', message: expect.stringContaining('killed') })
    }
  }, 2 * DEADLINE_MS)

  it.skipIf(!built.has('python'))('is ended when nothing is said for a while, with a code that tells whoever needs it to come again', async () => {
    const hasty = await startProjectsBerth({ PROJECT_TOOLS: 'on', LANGUAGE_SERVER_IDLE: '3s' })
    onTestFinished(async () => await hasty.stop())
    const owner = await signUp(hasty.origin)
    const { id } = await owner.createProject({ runtime: 'python', network: 'none', memory: 1024 ** 3 })
    onTestFinished(async () => await owner.remove(id))
    for (let times = 0; times < 2; times++) {
      const editor = connect(id, 'python', { origin: hasty.origin, key: owner.key })
      await editor.begin()
      // That somebody is there does not say that they need it.
      const pinging = setInterval(() => editor.ws.send('{"type":"ping"}'), 500)
      expect(await editor.closed.finally(() => clearInterval(pinging))).toEqual({ code: 4408 })
      expect(editor.messages).toContainEqual({ type: 'pong' })
      expect(editor.messages.at(-1)).toMatchObject({ type: 'error', code: 'LANGUAGE_SERVER_IDLE' })
      await waitFor('its end', async () => (await owner.call<ProcessList>('GET', `/projects/${id}/processes`)).body.processes.length === 0)
    }
  }, 2 * DEADLINE_MS)

  it.skipIf(!built.has('python'))('is the first that the kernel takes when memory is short, and PID 1 the last', async () => {
    const { id } = await user.createProject({ runtime: 'python', network: 'none' })
    onTestFinished(async () => await user.remove(id))
    const editor = connect(id, 'python')
    await editor.begin()
    await user.call('POST', `/projects/${id}/processes`, { cmd: ['sleep', '1000'] })
    const { body } = await user.call<ProcessList>('GET', `/projects/${id}/processes`)
    const pids = [...body.processes.map(({ pid }) => pid), 'self', 1]
    const { output } = await user.exec(id, pids.map((pid) => `cat /proc/${pid}/oom_score_adj`).join('; '))
    expect(output.split('\n')).toEqual(['1000', '600', '600', '500', ''])
    editor.ws.close()
  }, 2 * DEADLINE_MS)
})

describe('a formatter', () => {
  it.skipIf(!built.has('c'))('gives a file\'s text as it should look, and says what it cannot do', async () => {
    const { id } = await user.createProject({ runtime: 'c', network: 'none', files: [{ path: 'main.c', content: 'int main( ){return 0;}' }] })
    onTestFinished(async () => await user.remove(id))
    const format = async (body: Record<string, unknown>) => await user.call<{ content: string }>('POST', `/projects/${id}/format`, body)
    expect(await format({ path: 'main.c' })).toMatchObject({ status: 200, body: { content: 'int main() { return 0; }' } })
    expect(await format({ path: 'new.c', content: 'int  x ;\n' })).toMatchObject({ status: 200, body: { content: 'int x;\n' } })
    expect(await (await user.send('GET', `/projects/${id}/files/main.c`)).text()).toBe('int main( ){return 0;}')
    for (const [body, status, code] of [
      [{ path: 'nosuch.c' }, 404, 'FILE_NOT_FOUND'], [{ path: 'notes.txt', content: '' }, 404, 'NO_FORMATTER'], [{ path: '../x.c', content: '' }, 400, 'BAD_PATH'],
      [{ content: '' }, 400, 'VALIDATION_FAILED'], [{ path: 'x.c', content: 'x'.repeat(600_000) }, 413, 'TOO_LARGE']
    ] as const) expect(await format(body)).toMatchObject({ status, body: { code } })
    expect((await (await signUp(berth.origin)).call('POST', `/projects/${id}/format`, { path: 'main.c' })).status).toBe(404)
  })
})
