import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { describeAgo, describeTime } from '../../ago.ts'
import type { Project } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { usePaged } from '../../shell/paged.ts'
import { Field, Select } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'
import { Table } from '../../ui/table.tsx'
import { LinkDialog } from '../link-dialog.tsx'
import { fromLocalTime, type Assignment } from './assignment.ts'

/** What a teacher gives out, and the form for another one. */
export function Assignments () {
  const { api, texts: { classes: texts, settings, newProject, admin, shell, locale } } = useConsole()
  const attempt = useAttempt()
  const { items, load, more } = usePaged<Assignment>('/assignments', 'assignments')
  const projects = useSignal<readonly Project[]>([])
  const link = useSignal<string | undefined>(undefined)
  useEffect(() => void attempt(async () => { projects.value = (await api.get<{ projects: Project[] }>('/projects?limit=200')).projects.filter(({ role }) => role !== 'viewer') }), [])

  return (
    <>
      <Table
        caption={texts.assignments} head={[settings.name, newProject.runtime, texts.copies, texts.due, admin.state, texts.made]} none={texts.none} more={shell.more} onMore={more}
        rows={items.value?.map(({ id, name, runtime, copies, dueAt, closedAt, createdAt }) => ({
          id,
          cells: [
            <a key="name" class="wrap" href={`/classes/${id}`}>{name}</a>, runtime, copies, dueAt === null ? '–' : describeTime(dueAt, locale),
            closedAt === null ? texts.open : texts.closed, describeAgo(createdAt, new Date(), locale)
          ]
        }))}
      />
      <section class="card">
        <Form
          title={texts.make} class="row" action={texts.makeAction} fieldOf={{ ASSIGNMENT_QUOTA: 'name', PROJECT_NOT_FOUND: 'project', SNAPSHOTS_FULL: 'project' }}
          onSubmit={async ({ name = '', project, dueAt }, form) => {
            const due = fromLocalTime(dueAt)
            link.value = (await api.post<{ link: string }>('/assignments', { name: name.trim(), project, ...(due === undefined ? {} : { dueAt: due }) })).link
            form.reset()
            await load()
          }}
        >
          <Field label={settings.name} name="name" required maxLength={100} pattern=".*\S.*" title={newProject.blankName} autocomplete="off" />
          <Select label={texts.project} name="project" required>
            <option value="">{texts.chooseProject}</option>
            {projects.value.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
          </Select>
          <Field label={texts.dueField} name="dueAt" type="datetime-local" />
        </Form>
      </section>
      {link.value !== undefined && <LinkDialog title={texts.link} text={texts.linkText} link={link.value} onClose={() => { link.value = undefined }} />}
    </>
  )
}
