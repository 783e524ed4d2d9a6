import { useSignal } from '@preact/signals'
import { useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Form } from '../../ui/form.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { CodeEditor } from './code-editor.tsx'
import type { SourceFile } from './program.ts'

/** The files of the program, one of which is edited. The program begins with the first. */
export function Files ({ files, onChange }: { readonly files: readonly SourceFile[], readonly onChange: (files: readonly SourceFile[]) => void }) {
  const { texts: { run: texts, shell } } = useConsole()
  const chosen = useSignal(files[0]?.path ?? '')
  const isAdding = useSignal(false)
  const current = files.find(({ path }) => path === chosen.value) ?? files[0]
  const close = (): void => { isAdding.value = false }

  async function add (path: string): Promise<void> {
    if (files.some((file) => file.path === path)) throw new Error(texts.fileExists)
    onChange([...files, { path, content: '' }])
    chosen.value = path
    close()
  }

  function remove (path: string): void {
    onChange(files.filter((file) => file.path !== path))
    chosen.value = files[0]?.path ?? ''
  }

  return (
    <section class="playground-files card" aria-label={texts.program}>
      <div class="file-actions">
        <Button onPress={() => { isAdding.value = true }}>{texts.addFile}</Button>
        {current !== undefined && current !== files[0] && <Button onPress={() => remove(current.path)}>{texts.removeFile(current.path)}</Button>}
      </div>
      {current !== undefined && (
        <Tabs label={texts.files} tabs={files.map(({ path }) => ({ id: path, label: path }))} current={current.path} onChange={(path) => { chosen.value = path }}>
          <CodeEditor
            key={current.path} path={current.path} content={current.content} label={texts.codeOf(current.path)}
            onChange={(content) => onChange(files.map((file) => file.path === current.path ? { ...file, content } : file))}
          />
        </Tabs>
      )}
      {isAdding.value && (
        <Dialog title={texts.addFile} isTitleShown={false} onClose={close}>
          <Form title={texts.addFile} action={texts.addFile} onSubmit={async ({ path = '' }) => await add(path.trim())} foot={<Button onPress={close}>{shell.cancel}</Button>}>
            <Field label={texts.fileName} name="path" required pattern=".*\S.*" autocomplete="off" autoFocus />
          </Form>
        </Dialog>
      )}
    </section>
  )
}
