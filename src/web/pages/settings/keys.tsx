import { useSignal } from '@preact/signals'
import { describeAgo } from '../../ago.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { usePaged } from '../../shell/paged.ts'
import { Button } from '../../ui/button.tsx'
import { Field, Select } from '../../ui/field.tsx'
import { Form, type Fields } from '../../ui/form.tsx'
import { Table } from '../../ui/table.tsx'
import { NewKey } from './new-key.tsx'

interface Key {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  readonly predefined: boolean
}

const DAY_MS = 86_400_000

/** What programs sign in by. A key is shown once. */
export function Keys () {
  const { api, texts: { settings: texts, shell, locale }, confirmations } = useConsole()
  const attempt = useAttempt()
  const { items, load, more } = usePaged<Key>('/auth/keys', 'keys')
  const made = useSignal<string | undefined>(undefined)

  async function make ({ name = '', days = '' }: Fields, form: HTMLFormElement): Promise<void> {
    const expiresAt = days === '' ? {} : { expiresAt: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }
    const { key } = await api.post<{ key: string }>('/auth/keys', { name: name.trim(), ...expiresAt })
    form.reset()
    made.value = key
    await load()
  }

  async function remove ({ id, name }: Key): Promise<void> {
    if (!await confirmations.ask({ title: texts.deleteKey(name), text: texts.deleteKeyText, action: texts.delete })) return
    await attempt(async () => await api.delete(`/auth/keys/${id}`))
    await load()
  }

  const ago = (instant: string | null, none: string): string => instant === null ? none : describeAgo(instant, new Date(), locale)

  return (
    <section class="card stack" aria-labelledby="keys">
      <h2 id="keys">{texts.keys}</h2>
      <p class="quiet">{texts.keysText}</p>
      <Table
        caption={texts.keys} head={[texts.name, texts.begins, texts.lastUsed, texts.expires, texts.actions]} none={texts.noKeys} more={shell.more} onMore={more}
        rows={items.value?.map((key) => ({
          id: key.id,
          cells: [
            key.name, <code key="prefix">{key.prefix}…</code>, ago(key.lastUsedAt, texts.never), ago(key.expiresAt, texts.never),
            key.predefined ? texts.predefined : <Button key="delete" class="quiet-danger" aria-label={texts.deleteKeyOf(key.name)} onPress={async () => await remove(key)}>{texts.delete}</Button>
          ]
        }))}
      />
      <Form title={texts.newKey} heading="h3" class="row" action={texts.makeKey} onSubmit={make}>
        <Field label={texts.keyName} name="name" required maxLength={100} pattern=".*\S.*" autocomplete="off" />
        <Select label={texts.lasts} name="days">
          <option value="">{texts.always}</option>
          {[7, 30, 90, 365].map((days) => <option key={days} value={days}>{texts.days(days)}</option>)}
        </Select>
      </Form>
      {made.value !== undefined && <NewKey value={made.value} onClose={() => { made.value = undefined }} />}
    </section>
  )
}
