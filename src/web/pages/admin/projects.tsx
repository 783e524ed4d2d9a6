import { describeAgo } from '../../ago.ts'
import type { Project } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { usePaged } from '../../shell/paged.ts'
import { Button } from '../../ui/button.tsx'
import { Table } from '../../ui/table.tsx'

type OwnedProject = Omit<Project, 'role'> & { readonly owner: { readonly email: string | null } }

/** Everybody's projects. */
export function AllProjects () {
  const { api, texts: { admin: texts, home, newProject, shell, settings, locale } } = useConsole()
  const attempt = useAttempt()
  const { items, load, more } = usePaged<OwnedProject>('/api/projects', 'projects')
  async function stop (id: string): Promise<void> {
    await attempt(async () => await api.post(`/api/projects/${id}/stop`))
    await load()
  }
  return (
    <Table
      caption={texts.sections.projects} head={[home.name, texts.owner, newProject.runtime, texts.state, texts.lastUsed, settings.actions]} none={texts.noProjects} more={shell.more} onMore={more}
      rows={items.value?.map(({ id, name, owner, runtime, status, lastActiveAt }) => ({
        id,
        cells: [
          name, owner.email ?? '–', runtime, <span key="status" class="status" data-status={status}>{home.status[status]}</span>, describeAgo(lastActiveAt, new Date(), locale),
          status === 'running' ? <Button key="stop" aria-label={home.stopOf(name)} onPress={async () => await stop(id)}>{home.stop}</Button> : ''
        ]
      }))}
    />
  )
}
