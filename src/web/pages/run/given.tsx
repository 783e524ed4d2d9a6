import { useSignal } from '@preact/signals'
import { useConsole } from '../../shell/console.ts'
import { Field } from '../../ui/field.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import type { Program } from './program.ts'

type Kind = 'input' | 'arguments'

/** What the program is run with. */
export function Given ({ program: { input, args }, onChange }: { readonly program: Program, readonly onChange: (change: Partial<Program>) => void }) {
  const { texts: { run: texts } } = useConsole()
  const shown = useSignal<Kind>('input')
  const tabs = [{ id: 'input', label: texts.input }, { id: 'arguments', label: texts.arguments }]

  return (
    <Tabs label={texts.given} tabs={tabs} current={shown.value} onChange={(id) => { shown.value = id as Kind }}>
      {shown.value === 'input' && (
        <textarea
          class="code" rows={4} aria-label={texts.input} placeholder={texts.inputHint} spellcheck={false} value={input}
          onInput={(event) => onChange({ input: event.currentTarget.value })}
        />
      )}
      {shown.value === 'arguments' && (
        <Field
          label={texts.arguments} hint={texts.argumentsHint} class="code" autocomplete="off" spellcheck={false} value={args}
          onInput={(event) => onChange({ args: event.currentTarget.value })}
        />
      )}
    </Tabs>
  )
}
