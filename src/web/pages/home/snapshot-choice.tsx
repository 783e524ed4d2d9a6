import { useEffect, useState } from 'preact/hooks'
import type { Project } from '../../api/types.ts'
import { useConsole } from '../../shell/console.ts'
import { Select } from '../../ui/field.tsx'

interface Snapshot {
  readonly id: string
  readonly name: string | null
  readonly createdAt: string
}

/** A snapshot of one of the projects. */
export function SnapshotChoice ({ projects }: { readonly projects: readonly Project[] }) {
  const { api, texts: { newProject: texts, locale } } = useConsole()
  const [projectId, setProjectId] = useState(projects[0]?.id)
  const [snapshots, setSnapshots] = useState<readonly Snapshot[]>()

  useEffect(() => {
    if (projectId === undefined) return
    let isWanted = true
    setSnapshots(undefined)
    api.get<{ snapshots: Snapshot[] }>(`/projects/${projectId}/snapshots?limit=100`).then((answer) => { if (isWanted) setSnapshots(answer.snapshots) }, () => setSnapshots([]))
    return () => { isWanted = false }
  }, [projectId])

  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <>
      <Select label={texts.project} value={projectId} onChange={(event) => setProjectId(event.currentTarget.value)}>
        {projects.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
      </Select>
      {snapshots?.length === 0 && <p class="quiet" role="status">{texts.noSnapshots}</p>}
      {snapshots?.length !== 0 && (
        <Select label={texts.snapshot} name="fromSnapshot" required>
          {snapshots?.map(({ id, name, createdAt }) => <option key={id} value={id}>{name === null ? time.format(new Date(createdAt)) : `${name}, ${time.format(new Date(createdAt))}`}</option>)}
        </Select>
      )}
    </>
  )
}
