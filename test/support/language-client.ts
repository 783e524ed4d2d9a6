import { WebSocket } from 'ws'

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly items?: readonly unknown[], readonly uri?: string, readonly diagnostics?: readonly unknown[] }
  readonly result?: unknown
}

const ROOT = 'file:///workspace'

export type LanguageClient = Awaited<ReturnType<typeof openLanguageClient>>

/** An editor at a language server's socket, with one document open. */
export async function openLanguageClient (url: string, key: string, { path, text, language }: { path: string, text: string, language: string }) {
  const ws = new WebSocket(url.replace(/^http/, 'ws'), { headers: { 'X-API-Key': key } })
  const uri = `${ROOT}/${path}`
  const answers = new Map<number, (result: unknown) => void>()
  let diagnosed: () => void
  let lastId = 0
  const diagnostics = new Promise<void>((resolve) => { diagnosed = resolve })
  const closed = new Promise<void>((resolve) => ws.once('close', () => resolve()))

  ws.on('message', (data: Buffer) => {
    const { id, method, params, result } = JSON.parse(data.toString()) as Message
    if (method === 'textDocument/publishDiagnostics' && params?.uri === uri && (params.diagnostics ?? []).length > 0) diagnosed()
    // What a server asks for, such as its configuration, an editor without opinions has nothing to say about.
    if (method !== undefined && id !== undefined) say({ id, result: method === 'workspace/configuration' ? (params?.items ?? []).map(() => ({})) : null })
    if (method === undefined && id !== undefined) answers.get(id)?.(result)
  })
  const say = (message: object): void => ws.send(JSON.stringify({ jsonrpc: '2.0', ...message }))
  const ask = async (method: string, params: object): Promise<unknown> => {
    const id = ++lastId
    const answer = new Promise<unknown>((resolve) => answers.set(id, resolve))
    say({ id, method, params })
    return await answer
  }

  async function pull (): Promise<void> {
    for (;;) {
      const { items = [] } = await ask('textDocument/diagnostic', { textDocument: { uri } }) as { items?: unknown[] }
      if (items.length > 0) return diagnosed()
    }
  }

  await new Promise<void>((resolve, reject) => ws.once('open', resolve).once('error', reject))
  const { capabilities } = await ask('initialize', {
    processId: null, rootUri: ROOT, initializationOptions: {}, workspaceFolders: [{ uri: ROOT, name: 'workspace' }],
    capabilities: { textDocument: { publishDiagnostics: {}, diagnostic: {}, completion: {} }, workspace: { configuration: true } }
  }) as { capabilities: { diagnosticProvider?: unknown } }
  say({ method: 'initialized', params: {} })
  say({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: language, version: 1, text } } })
  if (capabilities.diagnosticProvider !== undefined) void pull()
  return {
    diagnostics,
    complete: async (position: { line: number, character: number }) => await ask('textDocument/completion', { textDocument: { uri }, position }),
    close: async () => {
      ws.close()
      await closed
    }
  }
}
