import type { Page } from 'playwright-core'
import { waitFor } from '../../support/wait-for.ts'

export type FilesPage = ReturnType<typeof filesPage>

/** A project's files in the workbench, as somebody sees and uses them. */
export function filesPage (page: Page) {
  const tree = page.getByRole('tree', { name: 'Files' })
  const file = page.locator('#file')
  const editor = page.locator('.cm-content')
  // Joined without what CodeMirror draws besides the text.
  const text = async (): Promise<string> => (await editor.locator('.cm-line').allTextContents()).join('\n')

  return {
    page,
    tree,
    editor,
    text,
    /** Of the connection. */
    state: page.locator('footer').getByRole('status'),
    fileName: file.getByRole('heading'),
    fileState: file.getByRole('status'),
    conflict: file.getByRole('alert'),
    tab: (name: string) => page.getByRole('tablist', { name: 'Open files' }).getByRole('tab', { name, exact: true }),
    item: (name: string) => tree.getByRole('treeitem', { name, exact: true }),
    button: (name: string) => page.getByRole('button', { name, exact: true }),
    ready: async (): Promise<void> => {
      await page.locator('footer').getByRole('status').filter({ hasText: 'Connected' }).waitFor()
      await page.locator('.tree > li, .tree-note').first().waitFor()
    },
    /** Opens a file that can be seen. */
    open: async (name: string): Promise<void> => {
      await tree.locator('.row', { hasText: name }).click()
      await file.getByRole('heading').filter({ hasText: name }).waitFor()
    },
    /** Puts a text into the editor in place of what is there. */
    replaceText: async (content: string): Promise<void> => {
      await editor.focus()
      await page.keyboard.press('Control+A')
      await page.keyboard.insertText(content)
    },
    save: async (): Promise<void> => {
      await page.keyboard.press('Control+S')
      await file.getByRole('status').filter({ hasText: 'Saved' }).waitFor()
    },
    shows: async (content: string): Promise<void> => { await waitFor(`the text ${JSON.stringify(content)}`, async () => await text() === content) },
    /** Answers the question that is asked for a path. */
    answer: async (path: string, action: string): Promise<void> => {
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Path in the project').fill(path)
      await dialog.getByRole('button', { name: action }).click()
    },
    /** Answers the question that is over another window. */
    confirmLast: async (action: string): Promise<void> => await page.getByRole('dialog').last().getByRole('button', { name: action, exact: true }).click(),
    confirm: async (action: string): Promise<void> => await page.getByRole('dialog').getByRole('button', { name: action, exact: true }).click()
  }
}
