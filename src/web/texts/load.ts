import { en, type Texts } from './en.ts'

/** The texts of the first language of the reader's that there are. */
export async function loadTexts (languages: readonly string[], document: Document): Promise<Texts> {
  const language = languages.map((tag) => tag.split('-')[0]).find((name) => name === 'en' || name === 'de') ?? 'en'
  document.documentElement.lang = language
  return language === 'de' ? (await import('./de.ts')).de : en
}
