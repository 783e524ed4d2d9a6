import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { displayName } from '../../../client/files/paths.ts'
import { Icon } from '../../ui/icon.tsx'
import { createUploads } from '../upload/uploads.ts'
import { useWorkbench } from '../workbench.ts'
import { createTreeActions } from './actions.ts'
import { PathDialog, type PathQuestion } from './path-dialog.tsx'
import { TreeView } from './view.tsx'

const ENTRY = 'application/x-berth-path'

/** The project's files: the tree, and what is done to what is in it. */
export function FilesPane () {
  const workbench = useWorkbench()
  const { tree, texts: { tree: texts, commands: names }, console: { commands } } = workbench
  const question = useSignal<(PathQuestion & { answer: (path: string | undefined) => void }) | undefined>(undefined)
  const isOver = useSignal(false)
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const uploads = useMemo(() => createUploads(workbench), [])
  const actions = useMemo(() => createTreeActions(workbench, async (asked) => await new Promise((resolve) => {
    question.value = {
      ...asked,
      answer: (path) => {
        question.value = undefined
        resolve(path)
      }
    }
  })), [])
  const selected = tree.selected.value
  const canEdit = workbench.project.canEdit.value
  const progress = uploads.progress.value
  const note = tree.isEmpty.value ? texts.empty : tree.isTruncated.value ? texts.truncated : undefined

  useEffect(() => folder.current?.setAttribute('webkitdirectory', ''), [])
  useEffect(() => commands.register([
    ...(canEdit ? [{ id: 'new-file', title: names.newFile, run: actions.newFile }, { id: 'new-folder', title: names.newFolder, run: actions.newFolder }] : []),
    { id: 'hidden-files', title: names.hidden, run: () => tree.showAll(!tree.showsAll.peek()) }
  ]), [canEdit])

  function directoryAt (target: EventTarget | null): string {
    return tree.directoryOf(target instanceof Element ? target.closest('li')?.dataset['path'] : undefined)
  }

  function drop (event: DragEvent): void {
    event.preventDefault()
    isOver.value = false
    if (event.dataTransfer === null || !canEdit) return
    const directory = directoryAt(event.target)
    const path = event.dataTransfer.getData(ENTRY)
    if (path === '') uploads.drop(directory, event.dataTransfer)
    else if (tree.directoryOf(path) !== directory && path !== directory) actions.moveInto(path, directory)
  }

  const choose = (input: HTMLInputElement): void => {
    uploads.send(tree.directoryOf(tree.selected.peek()), input.files ?? [])
    // The same file chosen again is a change, too.
    input.value = ''
  }
  const tool = (icon: Parameters<typeof Icon>[0]['name'], label: string, onPress: () => void, { needs = true, keys }: { needs?: boolean, keys?: string } = {}) => (
    <button type="button" class="tool" aria-label={label} title={label} aria-keyshortcuts={keys} aria-disabled={needs ? undefined : 'true'} onClick={() => { if (needs) onPress() }}><Icon name={icon} /></button>
  )

  return (
    <section class="pane pane-files" aria-label={workbench.texts.panes.files}>
      <div class="tools" role="group" aria-label={texts.tools}>
        {canEdit && (
          <>
            {tool('new-file', texts.newFile, actions.newFile)}
            {tool('new-folder', texts.newFolder, actions.newFolder)}
            {tool('upload', texts.upload, () => files.current?.click())}
            {tool('files', texts.uploadFolder, () => folder.current?.click())}
            {tool('rename', texts.rename, () => { if (selected !== undefined) actions.rename(selected) }, { needs: selected !== undefined, keys: 'F2' })}
            {tool('delete', texts.delete, () => { if (selected !== undefined) actions.remove(selected) }, { needs: selected !== undefined, keys: 'Delete' })}
          </>
        )}
        <button type="button" class="tool" aria-pressed={tree.showsAll.value} aria-label={texts.hidden} title={texts.hidden} onClick={() => tree.showAll(!tree.showsAll.peek())}><Icon name="hidden" /></button>
      </div>
      <input ref={files} id="upload-files" type="file" multiple hidden onChange={(event) => choose(event.currentTarget)} />
      <input ref={folder} id="upload-folder" type="file" hidden onChange={(event) => choose(event.currentTarget)} />
      <div class="uploading" hidden={progress === undefined}>
        <p role="status">{progress === undefined ? '' : texts.uploading(progress.index, progress.count, displayName(progress.path), progress.percent)}</p>
        <button type="button" class="tool" aria-label={texts.stopUpload} onClick={uploads.stop}><Icon name="close" /></button>
      </div>
      <div
        class={`drop ${isOver.value ? 'over' : ''}`} onDrop={drop} onDragLeave={() => { isOver.value = false }}
        onDragStart={(event) => {
          const path = event.target instanceof HTMLElement ? event.target.dataset['path'] : undefined
          if (path !== undefined) event.dataTransfer?.setData(ENTRY, path)
        }}
        onDragOver={(event) => {
          const types = event.dataTransfer?.types ?? []
          if (!canEdit || (!types.includes('Files') && !types.includes(ENTRY))) return
          event.preventDefault()
          isOver.value = true
        }}
      >
        <TreeView onRename={(path) => { if (canEdit) actions.rename(path) }} onDelete={(path) => { if (canEdit) actions.remove(path) }} />
        {note !== undefined && <p class="quiet tree-note">{note}</p>}
      </div>
      {question.value !== undefined && <PathDialog question={question.value} label={texts.path} onAnswer={question.value.answer} />}
    </section>
  )
}
