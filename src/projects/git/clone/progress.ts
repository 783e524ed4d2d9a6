import { createLineSplitter } from '../../../lib/line-splitter.ts'

export interface CloneProgress {
  readonly stage: CloneStage
  /** Of this stage; null where it cannot be told. */
  readonly percent: number | null
  readonly message: string
}

export type CloneStage = 'starting' | 'counting' | 'compressing' | 'receiving' | 'resolving' | 'writing' | 'ready' | 'failed'

const STAGE_OF: Readonly<Record<string, CloneStage>> = {
  'Enumerating objects': 'counting',
  'Counting objects': 'counting',
  'Compressing objects': 'compressing',
  'Receiving objects': 'receiving',
  'Resolving deltas': 'resolving',
  'Updating files': 'writing'
}
const PROGRESS = /^(?:remote: )?(\w+ \w+): +(?:(\d{1,3})% )?/
const MAX_MESSAGE = 200
const LINES_KEPT = 20

/** Reads what git prints to its standard error: its progress, and the last lines that are none, which say why it failed. */
export function createProgressReader (onProgress: (progress: CloneProgress) => void) {
  const decoder = new TextDecoder()
  const messages: string[] = []
  let last = ''

  const splitter = createLineSplitter((line) => {
    const progress = parseProgress(line)
    if (progress === undefined) {
      messages.push(line)
      if (messages.length > LINES_KEPT) messages.shift()
      return
    }
    // git repeats a percentage with every new number of bytes.
    const shown = `${progress.stage} ${progress.percent}`
    if (shown !== last) onProgress(progress)
    last = shown
  })

  return {
    write: (bytes: Uint8Array): void => splitter.write(decoder.decode(bytes, { stream: true })),
    /** What it said besides, the newest last. */
    end: (): readonly string[] => {
      splitter.write(decoder.decode())
      splitter.end()
      return messages
    }
  }
}

function parseProgress (line: string): CloneProgress | undefined {
  const [, what = '', percent] = PROGRESS.exec(line) ?? []
  const stage = STAGE_OF[what]
  if (stage === undefined) return undefined
  return { stage, percent: percent === undefined ? null : Math.min(100, Number(percent)), message: plainText(line) }
}

/** A server has a say in what git prints: nothing of it may act in whoever shows it. */
export function plainText (line: string): string {
  return line.replace(/\p{C}/gu, '').slice(0, MAX_MESSAGE).toWellFormed()
}
