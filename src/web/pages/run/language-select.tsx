import type { Language } from '../../api/types.ts'
import { useConsole } from '../../shell/console.ts'
import { Select } from '../../ui/field.tsx'

/** The languages that the server runs; whoever is not signed in sees that of the program alone. */
export function LanguageSelect ({ languages, current, onChange }: { readonly languages: readonly Language[], readonly current: string, readonly onChange: (language: Language) => void }) {
  const { texts: { run: texts, newProject } } = useConsole()
  const isKnown = languages.some(({ language }) => language === current)
  return (
    <Select
      label={texts.language} value={current} onChange={(event) => {
        const chosen = languages.find(({ language }) => language === event.currentTarget.value)
        if (chosen !== undefined) onChange(chosen)
      }}
    >
      {!isKnown && <option value={current}>{current}</option>}
      {languages.map(({ language, name, version, ready }) => (
        <option key={language} value={language} disabled={!ready}>{ready ? `${name} ${version}` : newProject.notBuilt(name)}</option>
      ))}
    </Select>
  )
}
