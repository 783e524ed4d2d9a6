import type { Project } from '../../api/types.ts'
import { useConsole } from '../../shell/console.ts'
import { Field, Select } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'

/** What it is called, and who may look at what it serves. */
export function General ({ project: { id, name, previews }, onChanged }: { readonly project: Project, readonly onChanged: (project: Project) => void }) {
  const { api, texts: { projectSettings: texts, settings, newProject }, toasts } = useConsole()
  return (
    <section class="card">
      <Form
        title={texts.general} action={settings.save} onSubmit={async (fields) => {
          onChanged(await api.patch<Project>(`/projects/${id}`, { name: fields['name']?.trim(), previews: fields['previews'] }))
          toasts.say(settings.saved)
        }}
      >
        <Field label={settings.name} name="name" defaultValue={name} maxLength={100} pattern=".*\S.*" title={newProject.blankName} required autocomplete="off" />
        <Select label={texts.previews} name="previews">
          {(['private', 'public'] as const).map((audience) => <option key={audience} value={audience} selected={audience === previews}>{texts.audiences[audience]}</option>)}
        </Select>
      </Form>
    </section>
  )
}
