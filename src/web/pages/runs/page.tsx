import { useSignal } from '@preact/signals'
import { describeAgo } from '../../ago.ts'
import { useConsole } from '../../shell/console.ts'
import { usePaged } from '../../shell/paged.ts'
import { useTitle } from '../../shell/title.ts'
import { Button } from '../../ui/button.tsx'
import { Field, Select } from '../../ui/field.tsx'
import { Table } from '../../ui/table.tsx'
import { RunLog } from './run-log.tsx'

interface Run {
  readonly sessionId: string
  readonly language: string
  readonly version: string
  readonly status: string
  readonly exitCode: number | null
  readonly executionTime: number | null
  readonly memory: number | null
  readonly createdAt: string
}

const MIB = 1024 ** 2

/** What was run, the newest first. */
export default function RunsPage () {
  const { texts: { runs: texts, run, shell, locale } } = useConsole()
  const status = useSignal('')
  const language = useSignal('')
  const shown = useSignal<Run | undefined>(undefined)
  const query = new URLSearchParams({ ...(status.value === '' ? {} : { status: status.value }), ...(language.value === '' ? {} : { language: language.value }) }).toString()
  const { items, more } = usePaged<Run>(`/api/sessions?${query}`, 'sessions')
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const wordsOf = (value: string): string => run.statuses[value as keyof typeof run.statuses] ?? value
  useTitle(texts.title)

  return (
    <>
      <h1>{texts.title}</h1>
      <div class="filters">
        <Select label={texts.status} value={status.value} onChange={(event) => { status.value = event.currentTarget.value }}>
          <option value="">{texts.any}</option>
          {Object.entries(run.statuses).map(([value, words]) => <option key={value} value={value}>{words}</option>)}
        </Select>
        <Field label={run.language} value={language.value} autocomplete="off" spellcheck={false} onChange={(event) => { language.value = event.currentTarget.value.trim() }} />
      </div>
      <Table
        caption={texts.title} head={[texts.begun, run.language, texts.status, run.time, run.memory, texts.output]} none={texts.none} more={shell.more} onMore={more}
        rows={items.value?.map((row) => ({
          id: row.sessionId,
          cells: [
            describeAgo(row.createdAt, new Date(), locale), `${row.language} ${row.version}`, wordsOf(row.status),
            row.executionTime === null ? '–' : `${number.format(row.executionTime)} ms`, row.memory === null ? '–' : `${number.format(row.memory / MIB)} MB`,
            <Button key="show" aria-label={texts.outputOf(row.language, describeAgo(row.createdAt, new Date(), locale))} onPress={() => { shown.value = row }}>{texts.show}</Button>
          ]
        }))}
      />
      {shown.value !== undefined && <RunLog id={shown.value.sessionId} title={`${shown.value.language} · ${wordsOf(shown.value.status)}`} onClose={() => { shown.value = undefined }} />}
    </>
  )
}
