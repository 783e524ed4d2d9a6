import type { Hello, ServerMessage } from '../../protocols/terminal.ts'

/** Undefined for what is none of the protocol's messages: a newer server may have more of them. */
export function parseServerMessage (text: string): ServerMessage | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const hasNumbers = (...names: string[]): boolean => names.every((name) => Number.isSafeInteger(fields[name]))
  const hasTexts = (...names: string[]): boolean => names.every((name) => typeof fields[name] === 'string')
  switch (fields['type']) {
    case 'hello': return hasTexts('terminal') && hasNumbers('seq', 'cols', 'rows', 'replay') ? value as Hello : undefined
    case 'exit': return fields['code'] === null || hasNumbers('code') ? value as ServerMessage : undefined
    case 'lost': return hasNumbers('bytes') ? value as ServerMessage : undefined
    case 'size': return hasNumbers('cols', 'rows') ? value as ServerMessage : undefined
    case 'error': return hasTexts('code', 'message') ? value as ServerMessage : undefined
    default: return undefined
  }
}
