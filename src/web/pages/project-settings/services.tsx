import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ProjectDetails } from '../../api/types.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Field, Select } from '../../ui/field.tsx'
import { Form, type Fields } from '../../ui/form.tsx'
import { Table } from '../../ui/table.tsx'

interface Process {
  readonly id: string
  readonly name: string | null
  readonly cmd: string | readonly string[]
  readonly status: 'running' | 'exited' | 'restarting'
  readonly exitCode: number | null
  readonly keep: boolean
}

const RESTARTS = ['on-failure', 'always', 'never'] as const

/** What starts with the project. What there is of it, the project tells while it runs. */
export function Services ({ path }: { readonly path: string }) {
  const { api, texts: { projectSettings: texts, settings, admin, shell, home }, confirmations } = useConsole()
  const attempt = useAttempt()
  const isRunning = useSignal<boolean | undefined>(undefined)
  const services = useSignal<readonly Process[]>([])

  async function read (): Promise<void> {
    const { status } = await api.get<ProjectDetails>(`${path}/status`)
    isRunning.value = status === 'running'
    if (isRunning.value) services.value = (await api.get<{ processes: Process[] }>(`${path}/processes`)).processes.filter(({ keep }) => keep)
  }
  const load = async (): Promise<void> => await attempt(read)
  useEffect(() => void load(), [path])

  async function act (action: () => Promise<unknown>): Promise<void> {
    await attempt(action)
    await load()
  }
  async function add ({ name = '', cmd, restart, keepAwake }: Fields, form: HTMLFormElement): Promise<void> {
    await api.post(`${path}/processes`, { name: name.trim(), cmd, restart, keep: true, keepAwake: keepAwake !== undefined })
    form.reset()
    await load()
  }
  async function remove ({ id, name }: Process): Promise<void> {
    if (await confirmations.ask({ title: texts.removeService(name ?? ''), text: texts.removeServiceText, action: settings.delete })) await act(async () => await api.delete(`${path}/processes/${id}`))
  }

  const stateOf = ({ status, exitCode }: Process): string => status === 'exited' && exitCode !== null ? texts.exited(exitCode) : texts.processes[status]

  return (
    <section class="card stack" aria-label={texts.services}>
      <h2>{texts.services}</h2>
      <p class="quiet">{texts.servicesText}</p>
      {isRunning.value === false && <div class="actions"><p>{texts.servicesStopped}</p><Button onPress={async () => await act(async () => await api.post(`${path}/start`))}>{home.start}</Button></div>}
      {isRunning.value === true && (
        <Table
          caption={texts.services} head={[settings.name, texts.command, admin.state, settings.actions]} none={texts.noServices} more={shell.more} onMore={undefined}
          rows={services.value.map((service) => ({
            id: service.id,
            cells: [
              service.name ?? '–', <code class="wrap" key="cmd">{typeof service.cmd === 'string' ? service.cmd : service.cmd.join(' ')}</code>, stateOf(service),
              <div key="actions" class="actions">
                <Button aria-label={texts.restartOf(service.name ?? '')} onPress={async () => await act(async () => await api.post(`${path}/processes/${service.id}/restart`))}>{texts.restartService}</Button>
                <Button class="quiet-danger" aria-label={settings.deleteKeyOf(service.name ?? '')} onPress={async () => await remove(service)}>{settings.delete}</Button>
              </div>
            ]
          }))}
        />
      )}
      <Form title={texts.newService} heading="h3" class="row" kind="plain" action={texts.startService} fieldOf={{ PROCESS_EXISTS: 'name', PROCESS_QUOTA: 'name', BAD_REQUEST: 'cmd' }} onSubmit={add}>
        <Field label={settings.name} name="name" required maxLength={64} pattern=".*\S.*" autocomplete="off" />
        <Field label={texts.command} name="cmd" required pattern=".*\S.*" autocomplete="off" spellcheck={false} placeholder="python3 app.py" />
        <Select label={texts.restartWhen} name="restart">{RESTARTS.map((when) => <option key={when} value={when}>{texts.restarts[when]}</option>)}</Select>
        <label class="check"><input type="checkbox" name="keepAwake" /> {texts.keepAwake}</label>
      </Form>
    </section>
  )
}
