import { useSignal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { toApiError } from '../../../client/rest/error.ts'
import type { Language, Project, Template } from '../../api/types.ts'
import { useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field, Select } from '../../ui/field.tsx'
import { Form, type Fields } from '../../ui/form.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { SnapshotChoice } from './snapshot-choice.tsx'

type Kind = 'blank' | 'template' | 'git' | 'archive' | 'snapshot'
const KINDS: readonly Kind[] = ['blank', 'template', 'git', 'archive', 'snapshot']
const LAST_RUNTIME = 'berth.runtime'

/** The ways to make a project. The runtime of the last one is offered first. */
export function NewProject ({ projects, onClose, onMade }: { readonly projects: readonly Project[], readonly onClose: () => void, readonly onMade: () => Promise<void> }) {
  const { api, texts: { newProject: texts, home, shell, commands } } = useConsole()
  const [languages, setLanguages] = useState<readonly Language[]>([])
  const [templates, setTemplates] = useState<readonly Template[]>([])
  const kind = useSignal<Kind>('blank')
  const template = useSignal('')
  const last = localStorage.getItem(LAST_RUNTIME) ?? 'python'
  const own = templates.filter(({ id }) => !languages.some(({ language }) => language === id))
  const chosen = own.find(({ id }) => id === template.value) ?? own[0]

  useEffect(() => {
    void api.get<{ languages: Language[] }>('/api/languages').then((answer) => setLanguages(answer.languages), () => undefined)
    void api.get<{ templates: Template[] }>('/api/templates').then((answer) => setTemplates(answer.templates), () => undefined)
  }, [])

  async function upload (id: string, form: HTMLFormElement): Promise<void> {
    const file = form.querySelector<HTMLInputElement>('input[type=file]')?.files?.[0]
    if (file === undefined) return
    const answer = await fetch(`/projects/${id}/archive`, { method: 'PUT', headers: { 'Content-Type': 'application/octet-stream' }, body: file })
    if (answer.ok) return
    await api.delete(`/projects/${id}`)
    throw await toApiError(answer)
  }

  async function make (fields: Fields, form: HTMLFormElement): Promise<void> {
    const { name = '', runtime, starter, url = '', ref = '', fromSnapshot } = fields
    if (name.trim() === '') throw new Error(texts.blankName)
    if (runtime !== undefined) localStorage.setItem(LAST_RUNTIME, runtime)
    const hasStarter = starter !== undefined && templates.some(({ id }) => id === runtime)
    const { id } = await api.post<Project>('/projects', {
      name: name.trim(),
      ...(runtime === undefined ? {} : { runtime }),
      ...(kind.value === 'template' ? { template: chosen?.id } : hasStarter ? { template: runtime } : {}),
      ...(kind.value === 'git' ? { fromGit: { url: url.trim(), ...(ref.trim() === '' ? {} : { ref: ref.trim() }) } } : {}),
      ...(fromSnapshot === undefined ? {} : { fromSnapshot })
    })
    await upload(id, form)
    await onMade()
  }

  const runtimes = (
    <Select key={languages.length} label={texts.runtime} name="runtime" required defaultValue={last}>
      {languages.map(({ language, name, version, ready }) => (
        <option key={language} value={language} disabled={!ready} selected={language === last}>{ready ? `${name} ${version}` : texts.notBuilt(name)}</option>
      ))}
    </Select>
  )

  return (
    <Dialog title={commands.newProject} isTitleShown={false} isWide onClose={onClose}>
      <Form title={commands.newProject} action={texts.action} onSubmit={make} foot={<Button onPress={onClose}>{shell.cancel}</Button>}>
        <Field label={home.name} name="name" maxLength={100} pattern=".*\S.*" title={texts.blankName} required autocomplete="off" placeholder="my-project" autoFocus />
        <Tabs label={texts.from} tabs={KINDS.map((id) => ({ id, label: texts.kinds[id] }))} current={kind.value} onChange={(id) => { kind.value = id as Kind }}>
          {kind.value === 'blank' && <>{runtimes}<label class="check"><input type="checkbox" name="starter" defaultChecked /> {texts.starter}</label></>}
          {kind.value === 'template' && (
            <fieldset class="choices">
              <legend class="visually-hidden">{texts.template}</legend>
              {own.map(({ id, name, description, needs }) => (
                <label key={id} class="choice">
                  <input type="radio" name="template-choice" value={id} checked={chosen?.id === id} onChange={() => { template.value = id }} />
                  <span><strong>{name}</strong><span class="quiet">{needs === null ? description : `${description}. ${texts.needsNetwork}`}</span></span>
                </label>
              ))}
            </fieldset>
          )}
          {kind.value === 'git' && (
            <>
              <Field label={texts.address} name="url" type="url" required placeholder="https://example.org/project.git" />
              <Field label={texts.ref} name="ref" hint={texts.refHint} autocomplete="off" />
              {runtimes}
            </>
          )}
          {kind.value === 'archive' && <><Field label={texts.archive} name="archive" type="file" accept=".zip,.tar,.gz,.tgz" required />{runtimes}</>}
          {kind.value === 'snapshot' && <><SnapshotChoice projects={projects} />{runtimes}</>}
        </Tabs>
      </Form>
    </Dialog>
  )
}
