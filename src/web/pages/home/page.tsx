import { useComputed, useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { useTitle } from '../../shell/title.ts'
import { messageOf } from '../../words.ts'
import { Button } from '../../ui/button.tsx'
import { Invitations } from './invitations.tsx'
import { NewProject } from './new-project.tsx'
import { ProjectCard } from './project-card.tsx'
import { createProjects } from './projects.ts'

const FEW = 1

/** All projects of whoever is signed in, and the ways to make another. */
export default function HomePage () {
  const { api, texts, session, toasts, commands, router } = useConsole()
  const attempt = useAttempt()
  const isMaking = useSignal(false)
  const text = useSignal('')
  const search = useRef<HTMLInputElement>(null)
  const projects = useMemo(() => createProjects({
    api,
    onError: (error) => {
      session.heed(error)
      if (session.user.peek() !== null) toasts.complain(messageOf(error))
    }
  }), [])
  const found = useComputed(() => {
    const wanted = text.value.trim().toLowerCase()
    return projects.list.value?.filter(({ name, runtime }) => `${name} ${runtime}`.toLowerCase().includes(wanted))
  })
  useTitle(texts.home.title)

  useEffect(() => {
    projects.start()
    return () => projects.stop()
  }, [])
  useEffect(() => commands.register([
    { id: 'new-project', title: texts.commands.newProject, keys: ['N'], run: () => { isMaking.value = true } },
    { id: 'search-projects', title: texts.home.search, keys: ['/'], run: () => search.current?.focus() }
  ]), [])
  const list = projects.list.value
  useEffect(() => commands.register((list ?? []).map(({ id, name }) => ({
    id: `open-${id}`, title: texts.commands.open(name), run: () => router.go(`/p/${id}`)
  }))), [list])

  return (
    <>
      <div class="page-head">
        <h1>{texts.home.title}</h1>
        <Button kind="primary" onPress={() => { isMaking.value = true }}>{texts.home.create}</Button>
      </div>
      <Invitations invitations={projects.invitations.value} onChanged={() => void projects.load()} />
      {list !== undefined && list.length > FEW && (
        <input
          ref={search} type="search" class="search" aria-label={texts.home.search} placeholder={texts.home.search} value={text.value}
          onInput={(event) => { text.value = event.currentTarget.value }}
        />
      )}
      {list?.length === 0 && <p class="quiet">{texts.home.empty}</p>}
      {list !== undefined && list.length > 0 && found.value?.length === 0 && <p class="quiet" role="status">{texts.home.noneFound}</p>}
      <ul class="projects">
        {found.value?.map((project) => (
          <ProjectCard key={project.id} project={project} details={projects.details.value.get(project.id)} dueAt={projects.due.value.get(project.id)} onChanged={async () => await attempt(async () => await projects.load())} />
        ))}
      </ul>
      {isMaking.value && (
        <NewProject
          projects={list ?? []} onClose={() => { isMaking.value = false }}
          onMade={async () => {
            isMaking.value = false
            await projects.load()
          }}
        />
      )}
    </>
  )
}
