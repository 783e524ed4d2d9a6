import type { Answer, Notice } from '../../protocols/files.ts'

const kinds: readonly unknown[] = ['created', 'modified', 'deleted', 'moved']

/** Undefined for what is none of the protocol's messages: a newer server may have more of them. */
export function parseMessage (text: string): { answer: Answer } | { notice: Notice } | undefined {
  const fields = parseObject(text)
  if (fields === undefined) return undefined
  if (Number.isSafeInteger(fields['id']) && typeof fields['ok'] === 'boolean') return { answer: fields as unknown as Answer }
  return isNotice(fields) ? { notice: fields as unknown as Notice } : undefined
}

function parseObject (text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}

function isNotice (fields: Record<string, unknown>): boolean {
  const hasTexts = (...names: string[]): boolean => names.every((name) => typeof fields[name] === 'string')
  switch (fields['type']) {
    case 'connected': return true
    case 'watching':
    case 'unwatched':
    case 'overflow': return hasTexts('path')
    case 'change': return hasTexts('path', 'entryType') && kinds.includes(fields['kind']) && (fields['kind'] !== 'moved' || hasTexts('to'))
    case 'error': return hasTexts('code', 'message')
    default: return false
  }
}
