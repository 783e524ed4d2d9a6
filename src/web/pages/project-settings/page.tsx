import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { ApiError } from '../../../client/rest/error.ts'
import type { Project } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { useTitle } from '../../shell/title.ts'
import NotFoundPage from '../not-found.tsx'
import { Container } from './container.tsx'
import { DangerZone } from './danger-zone.tsx'
import { General } from './general.tsx'
import { Invitations } from './invitations.tsx'
import { Members } from './members.tsx'
import { Ownership } from './ownership.tsx'
import { Services } from './services.tsx'
import { Secrets, Variables } from './variables.tsx'

/** What a project is, has and is called, for its owner; the others see who works in it, and can leave. */
export default function ProjectSettingsPage () {
  const { api, texts: { projectSettings: texts }, router } = useConsole()
  const attempt = useAttempt()
  const project = useSignal<Project | null | undefined>(undefined)
  const id = router.place.value.params['id'] ?? ''
  const path = `/projects/${encodeURIComponent(id)}`
  useTitle(project.value == null ? texts.title : texts.titleOf(project.value.name))

  useEffect(() => void attempt(async () => {
    project.value = await api.get<Project>(path).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return null
      throw error
    })
  }), [path])

  const show = (changed: Project): void => { project.value = changed }
  if (project.value === null) return <NotFoundPage />
  if (project.value === undefined) return <h1>{texts.title}</h1>
  const isOwner = project.value.role === 'owner'
  return (
    <>
      <h1 class="name">{texts.titleOf(project.value.name)}</h1>
      {isOwner && <General project={project.value} onChanged={show} />}
      {isOwner && <Container project={project.value} onChanged={show} />}
      {isOwner && <Variables path={path} />}
      {isOwner && <Secrets path={path} />}
      {project.value.role !== 'viewer' && <Members path={path} isOwner={isOwner} />}
      {isOwner && <Invitations path={path} />}
      {project.value.role !== 'viewer' && <Services path={path} />}
      <Ownership role={project.value.role} path={path} onChanged={show} />
      <DangerZone project={project.value} path={path} />
    </>
  )
}
