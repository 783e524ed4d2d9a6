import type { ConnectionState } from '../../client/files/state.ts'
import type { TerminalState } from '../../client/terminal/state.ts'
import type { WorkbenchTexts } from '../texts/workbench/en.ts'
import { withoutTechnical } from '../words.ts'

/** How a connection is, for one line. */
export function describe (state: ConnectionState | TerminalState, texts: WorkbenchTexts['connection']): string {
  if (state.name !== 'reconnecting') return texts[state.name]
  const { delayMs, reason = texts.lost } = state
  return delayMs < 1000 ? texts.again : texts.in(withoutTechnical(reason), Math.round(delayMs / 1000))
}
