import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { describeAgo } from '../../ago.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Field, PasswordField } from '../../ui/field.tsx'
import { Form, type Fields } from '../../ui/form.tsx'
import { Table } from '../../ui/table.tsx'

const LONGEST = 32_768
/** By the code alone: each is about what was just typed. */
const fieldOf = { BAD_REQUEST: 'name', TOO_LARGE: 'value' }

/** What shells and commands find in their environment. */
export function Variables ({ path }: { readonly path: string }) {
  const { api, texts: { projectSettings: texts } } = useConsole()
  const read = async (): Promise<readonly Entry[]> => {
    const { env } = await api.get<{ env: Record<string, string> }>(`${path}/env`)
    return Object.entries(env).map(([name, value]) => ({ name, shown: value }))
  }
  return <Entries path={`${path}/env`} read={read} texts={texts.env} />
}

/** The same, of which no value ever comes back. */
export function Secrets ({ path }: { readonly path: string }) {
  const { api, texts: { projectSettings: texts, locale } } = useConsole()
  const read = async (): Promise<readonly Entry[]> => {
    const { secrets } = await api.get<{ secrets: ReadonlyArray<{ name: string, updatedAt: string }> }>(`${path}/secrets`)
    return secrets.map(({ name, updatedAt }) => ({ name, shown: texts.setAt(describeAgo(updatedAt, new Date(), locale)) }))
  }
  return <Entries path={`${path}/secrets`} read={read} texts={texts.secrets} isSecret />
}

interface Entry {
  readonly name: string
  readonly shown: string
}

interface EntryTexts {
  readonly title: string
  readonly text: string
  readonly none: string
  readonly set: string
  readonly remove: (name: string) => string
}

function Entries ({ path, read, texts: own, isSecret = false }: { readonly path: string, readonly read: () => Promise<readonly Entry[]>, readonly texts: EntryTexts, readonly isSecret?: boolean }) {
  const { api, texts: { projectSettings: texts, signIn, settings, shell }, confirmations, toasts } = useConsole()
  const attempt = useAttempt()
  const entries = useSignal<readonly Entry[] | undefined>(undefined)
  const load = async (): Promise<void> => await attempt(async () => { entries.value = await read() })
  useEffect(() => void load(), [path])

  async function set ({ name = '', value = '' }: Fields, form: HTMLFormElement): Promise<void> {
    await api.put(`${path}/${encodeURIComponent(name)}`, { value })
    form.reset()
    toasts.say(texts.inNewShells)
    await load()
  }

  async function remove (name: string): Promise<void> {
    if (!await confirmations.ask({ title: own.remove(name), text: texts.removeText, action: settings.delete })) return
    await attempt(async () => await api.delete(`${path}/${encodeURIComponent(name)}`))
    await load()
  }

  return (
    <section class="card stack" aria-label={own.title}>
      <h2>{own.title}</h2>
      <p class="quiet">{own.text}</p>
      <Table
        caption={own.title} head={[settings.name, texts.value, settings.actions]} none={own.none} more={shell.more} onMore={undefined}
        rows={entries.value?.map(({ name, shown }) => ({
          id: name,
          cells: [
            <code key="name">{name}</code>, isSecret ? <span class="quiet" key="value">{shown}</span> : <code class="wrap" key="value">{shown}</code>,
            <Button key="delete" class="quiet-danger" aria-label={settings.deleteKeyOf(name)} onPress={async () => await remove(name)}>{settings.delete}</Button>
          ]
        }))}
      />
      <Form title={own.set} heading="h3" class="row" kind="plain" action={settings.save} fieldOf={fieldOf} onSubmit={set}>
        <Field label={settings.name} name="name" required maxLength={100} pattern="[A-Za-z_][A-Za-z0-9_]*" title={texts.nameRule} autocomplete="off" spellcheck={false} />
        {isSecret
          ? <PasswordField label={texts.value} show={signIn.show} name="value" autocomplete="new-password" maxLength={LONGEST} required />
          : <Field label={texts.value} name="value" maxLength={LONGEST} autocomplete="off" spellcheck={false} />}
      </Form>
    </section>
  )
}
