import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { describeAgo } from '../../ago.ts'
import { ApiError } from '../../../client/rest/error.ts'
import type { Person, ProjectStatus } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { usePaged } from '../../shell/paged.ts'
import { Table } from '../../ui/table.tsx'
import NotFoundPage from '../not-found.tsx'
import type { Assignment } from './assignment.ts'
import { AssignmentForm } from './assignment-form.tsx'
import { ClassWork } from './class-work.tsx'

interface Copy {
  readonly project: { readonly id: string, readonly name: string, readonly status: ProjectStatus, readonly createdAt: string, readonly lastActiveAt: string }
  readonly owner: Person
  readonly snapshotAt: string | null
}

/** Who has opened an assignment, how their work stands, and the way into it. */
export function Roster ({ id }: { readonly id: string }) {
  const { api, texts: { classes: texts, home, admin, shell, locale } } = useConsole()
  const attempt = useAttempt()
  const path = `/assignments/${encodeURIComponent(id)}`
  const assignment = useSignal<Assignment | null | undefined>(undefined)
  const { items, load, more } = usePaged<Copy>(`${path}/copies`, 'copies')

  const read = async (): Promise<void> => {
    assignment.value = (await api.get<{ assignment: Assignment | null }>(path).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return { assignment: null }
      throw error
    })).assignment
  }
  useEffect(() => void attempt(read), [path])

  const ago = (instant: string): string => describeAgo(instant, new Date(), locale)
  if (assignment.value === null) return <NotFoundPage />
  if (assignment.value === undefined) return <h1>{texts.title}</h1>
  const { dueAt } = assignment.value
  return (
    <>
      <p><a href="/classes">{texts.all}</a></p>
      <h1 class="name">{assignment.value.name}</h1>
      <ClassWork assignment={assignment.value} path={path} onTaken={load} />
      <Table
        caption={texts.roster} head={[admin.who, texts.opened, texts.lastWorked, admin.state, texts.snapshot, texts.work]} none={texts.nobody} more={shell.more} onMore={more}
        rows={items.value?.map(({ project, owner, snapshotAt }) => ({
          id: project.id,
          cells: [
            <span class="wrap" key="who">{owner.name === null ? owner.email ?? '–' : `${owner.name}, ${owner.email ?? '–'}`}</span>, ago(project.createdAt),
            <span key="last">{ago(project.lastActiveAt)}{dueAt !== null && project.lastActiveAt > dueAt && <strong class="late"> {texts.late}</strong>}</span>,
            <span key="status" class="status" data-status={project.status}>{home.status[project.status]}</span>, snapshotAt === null ? '–' : ago(snapshotAt),
            <div key="work" class="actions">
              <a class="button" href={`/p/${project.id}`} aria-label={home.filesOf(owner.email ?? '')}>{home.files}</a>
              <a class="button" href={`/p/${project.id}?terminal=latest`} aria-label={home.terminalOf(owner.email ?? '')}>{home.terminal}</a>
            </div>
          ]
        }))}
      />
      <AssignmentForm assignment={assignment.value} path={path} onChanged={(changed) => { assignment.value = changed }} />
    </>
  )
}
