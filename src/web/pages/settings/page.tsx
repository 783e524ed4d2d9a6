import { useConsole } from '../../shell/console.ts'
import { useTitle } from '../../shell/title.ts'
import { Select } from '../../ui/field.tsx'
import { themes, type Theme } from '../../theme.ts'
import { Account } from './account.tsx'
import { Browsers } from './browsers.tsx'
import { Keys } from './keys.tsx'
import { Usage } from './usage.tsx'

/** What is about whoever is signed in. */
export default function SettingsPage () {
  const { texts, theme } = useConsole()
  useTitle(texts.settings.title)
  return (
    <>
      <h1>{texts.settings.title}</h1>
      <Account />
      <Keys />
      <Browsers />
      <section class="card" aria-labelledby="appearance">
        <h2 id="appearance">{texts.shell.appearance}</h2>
        <Select label={texts.settings.theme} value={theme.chosen.value} onChange={(event) => theme.choose(event.currentTarget.value as Theme)}>
          {themes.map((value) => <option key={value} value={value}>{texts.themes[value]}</option>)}
        </Select>
      </section>
      <Usage />
    </>
  )
}
