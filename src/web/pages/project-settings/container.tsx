import type { Project } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Field, Select } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'

const MIB = 1024 ** 2

/** What its programs run in and may use, from the next start on. */
export function Container ({ project: { id, runtime, memory, cpus, network, status }, onChanged }: { readonly project: Project, readonly onChanged: (project: Project) => void }) {
  const { api, texts: { projectSettings: texts, settings, newProject }, toasts } = useConsole()
  const attempt = useAttempt()

  async function restart (): Promise<void> {
    await attempt(async () => {
      await api.post(`/projects/${id}/restart`)
      toasts.say(texts.restarted)
    })
  }

  return (
    <section class="card">
      <Form
        title={texts.container} action={settings.save} foot={status === 'running' && <Button onPress={restart}>{texts.restart}</Button>}
        onSubmit={async (fields) => {
          onChanged(await api.patch<Project>(`/projects/${id}`, { memory: Number(fields['memory']) * MIB, cpus: Number(fields['cpus']), network: fields['network'] }))
          toasts.say(texts.fromNextStart)
        }}
      >
        <p>{newProject.runtime}: <strong>{runtime}</strong></p>
        <Field label={texts.memory} name="memory" type="number" min={64} step={1} defaultValue={String(Math.round(memory / MIB))} required />
        <Field label={texts.cpus} name="cpus" type="number" min={0.1} step="any" defaultValue={String(cpus)} required />
        <Select label={texts.network} name="network">
          {(['internet', 'none'] as const).map((reach) => <option key={reach} value={reach} selected={reach === network}>{texts.networks[reach]}</option>)}
        </Select>
      </Form>
    </section>
  )
}
