import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface Violation {
  readonly id: string
  readonly nodes: ReadonlyArray<{ readonly html: string, readonly failureSummary: string }>
}

/** What of the page people cannot use, by axe-core's rules; it goes in past the page's policy. */
export async function violationsOf (page: Page): Promise<string[]> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
  const violations = await page.evaluate<Violation[]>(`axe.run(document, { runOnly: ${JSON.stringify(TAGS)} }).then((results) => results.violations)`)
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))
}

/** In each look, nothing that somebody could not use. */
export async function expectUsable (page: Page): Promise<void> {
  for (const theme of ['light', 'dark', 'contrast']) {
    await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
    expect(await violationsOf(page)).toEqual([])
  }
}
