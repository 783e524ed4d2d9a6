import type { Answer } from '../rest/request.ts'

type Executed = Extract<Answer<'POST /api/execute'>, { readonly output: string }>

/** How a program has ended. Its output came before. */
export type RunResult = Omit<Executed, 'output' | 'error'>

export type RunMessage =
  | { readonly type: 'connected', readonly sessionId: string, readonly status: string }
  | { readonly type: 'stage', readonly stage: 'compile' | 'run' }
  | { readonly type: 'output', readonly stream: 'stdout' | 'stderr', readonly data: string, readonly seq: number }
  | { readonly type: 'input_required' }
  | { readonly type: 'error', readonly code: string, readonly message: string }
  | { readonly type: 'execution_complete' } & RunResult

/** Undefined for what is none of the protocol's messages: a newer server may have more of them. */
export function parseRunMessage (text: string): RunMessage | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const hasTexts = (...names: string[]): boolean => names.every((name) => typeof fields[name] === 'string')
  const isWhole = {
    connected: () => hasTexts('sessionId', 'status'),
    stage: () => hasTexts('stage'),
    output: () => hasTexts('stream', 'data') && Number.isSafeInteger(fields['seq']),
    input_required: () => true,
    error: () => hasTexts('code', 'message'),
    execution_complete: () => hasTexts('status')
  }
  const type = String(fields['type'])
  return Object.hasOwn(isWhole, type) && isWhole[type as keyof typeof isWhole]() ? value as RunMessage : undefined
}
