import { useSignal } from '@preact/signals'
import { useConsole } from '../../shell/console.ts'
import { usePaged } from '../../shell/paged.ts'
import { Field } from '../../ui/field.tsx'
import { Table } from '../../ui/table.tsx'

interface AuditEvent {
  readonly id: string
  readonly action: string
  readonly userId: string | null
  readonly subject: string | null
  readonly details: Readonly<Record<string, string | number | boolean | null>>
  readonly ip: string | null
  readonly createdAt: string
}

/** Who did what. */
export function Audit () {
  const { texts: { admin: texts, shell, locale } } = useConsole()
  const action = useSignal('')
  const { items, more } = usePaged<AuditEvent>(`/api/audit${action.value === '' ? '' : `?action=${encodeURIComponent(action.value)}`}`, 'events')
  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' })
  return (
    <>
      <div class="filters"><Field label={texts.action} placeholder="key.create" autocomplete="off" spellcheck={false} onChange={(event) => { action.value = event.currentTarget.value.trim() }} /></div>
      <Table
        caption={texts.sections.audit} head={[texts.time, texts.action, texts.who, texts.what, texts.details, texts.from]} none={texts.noEvents} more={shell.more} onMore={more}
        rows={items.value?.map(({ id, createdAt, action, userId, subject, details, ip }) => ({
          id,
          cells: [
            time.format(new Date(createdAt)), action, <code key="who">{userId?.slice(0, 8) ?? '–'}</code>, <code key="what">{subject?.slice(0, 36) ?? '–'}</code>,
            Object.entries(details).map(([name, value]) => `${name}: ${value}`).join(', '), ip ?? '–'
          ]
        }))}
      />
    </>
  )
}
