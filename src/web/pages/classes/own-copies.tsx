import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { describeTime } from '../../ago.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { Table } from '../../ui/table.tsx'
import type { Assignment } from './assignment.ts'

interface OwnCopy extends Pick<Assignment, 'name' | 'dueAt'> {
  readonly project: string
}

/** What somebody has opened, and when it is due. */
export function OwnCopies ({ isAlone }: { readonly isAlone: boolean }) {
  const { api, texts: { classes: texts, settings, home, shell, locale } } = useConsole()
  const attempt = useAttempt()
  const copies = useSignal<readonly OwnCopy[] | undefined>(undefined)
  useEffect(() => void attempt(async () => { copies.value = (await api.get<{ copies: OwnCopy[] }>('/assignments/copies')).copies }), [])

  if (!isAlone && (copies.value ?? []).length === 0) return null
  return (
    <section class="stack" aria-label={texts.yours}>
      {!isAlone && <h2>{texts.yours}</h2>}
      <Table
        caption={texts.yours} head={[settings.name, texts.due, texts.work]} none={texts.noneOpened} more={shell.more} onMore={undefined}
        rows={copies.value?.map(({ project, name, dueAt }) => ({
          id: project,
          cells: [name, dueAt === null ? '–' : describeTime(dueAt, locale), <a key="open" class="button" href={`/p/${project}`} aria-label={home.filesOf(name)}>{home.files}</a>]
        }))}
      />
    </section>
  )
}
