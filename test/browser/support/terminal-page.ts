import type { Page } from 'playwright-core'
import { waitFor } from '../../support/wait-for.ts'

// Evaluated in the page: every line of the screen and of what has scrolled out of it, joined where it was wrapped; nothing of one that has no screen yet.
const READ_BUFFER = `(() => {
  const active = globalThis.berth?.terminal?.buffer.active
  if (active === undefined) return ''
  let text = ''
  for (let row = 0; row < active.length; row++) {
    const line = active.getLine(row)
    text += (row === 0 || line.isWrapped ? '' : '\\n') + line.translateToString(true)
  }
  return text
})()`

export type TerminalPage = ReturnType<typeof terminalPage>

/** The terminal that is shown in the workbench, as somebody who sits before it sees and uses it. */
export function terminalPage (page: Page) {
  const state = page.locator('.terminal-view[data-shown=true]').getByRole('status')
  const text = async (): Promise<string> => await page.evaluate<string>(READ_BUFFER)

  return {
    page,
    state,
    text,
    /** Resolves once the shell can be typed into. */
    ready: async (): Promise<void> => {
      await state.filter({ hasText: 'Connected' }).waitFor()
      await waitFor('a prompt', async () => /\$ *$/.test((await text()).trimEnd()))
    },
    type: async (keys: string): Promise<void> => await page.keyboard.type(keys),
    /** Types a line and presses Enter. */
    run: async (command: string): Promise<void> => await page.keyboard.type(`${command}\n`),
    /** Waits until the screen shows what is looked for, and returns the match. */
    shows: async (pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray> =>
      await waitFor(`${String(pattern)} on the screen`, async () => pattern.exec(await text()) ?? undefined, deadlineMs)
  }
}
