import { en, type WorkbenchTexts } from './en.ts'

/** In the language that the other texts are in. */
export async function loadWorkbenchTexts (locale: string): Promise<WorkbenchTexts> {
  return locale === 'de' ? (await import('./de.ts')).de : en
}
