import { isWithin, moved } from '../../../client/files/paths.ts'
import type { Change } from '../../../protocols/files.ts'
import type { Request } from '../../../client/files/requests.ts'
import { openFile, type OpenFile } from './open-file.ts'
import { readText } from './storage.ts'

export interface OpenFilesOptions {
  readonly request: Request
  readonly onChanged: () => void
  readonly report: (error: unknown) => void
}

/** The file that is shown, and those with unsaved text that wait behind it. */
export function createOpenFiles ({ request, onChanged, report }: OpenFilesOptions) {
  const files = new Set<OpenFile>()
  let shown: OpenFile | undefined
  let wanted: string | undefined

  function close (file: OpenFile): void {
    files.delete(file)
    file.editor.destroy()
    if (file === shown) shown = undefined
  }

  function show (file: OpenFile): void {
    if (shown !== undefined && shown !== file && !shown.document.isUnsaved) close(shown)
    shown = file
    onChanged()
  }

  function check (file: OpenFile, etag?: string): void {
    file.document.check(etag).catch(report)
  }

  const within = (directory: string): OpenFile[] => [...files].filter(({ path }) => isWithin(path, directory))

  return {
    get shown () { return shown },
    unsaved: (): string[] => [...files].filter(({ document }) => document.isUnsaved).map(({ path }) => path),

    /** Rejects with NOT_EDITABLE for what no editor should open. Undefined when another one was wanted meanwhile. */
    async open (path: string): Promise<OpenFile | undefined> {
      wanted = path
      let file = [...files].find((candidate) => candidate.path === path)
      if (file === undefined) {
        const version = await readText(request, path)
        if (wanted !== path) return undefined
        file = openFile({ path, version, request, onState: onChanged })
        files.add(file)
      }
      show(file)
      return file
    },

    /** Nothing is shown. Unsaved text waits. */
    leave (): void {
      wanted = undefined
      if (shown?.document.isUnsaved === false) close(shown)
      shown = undefined
      onChanged()
    },

    /** With their unsaved text, which nobody wants any more. */
    discard (directory: string): void {
      within(directory).forEach(close)
      onChanged()
    },

    /** Returns how to take it back: by then, others may have come to be in the new place. */
    rename: (from: string, to: string): () => void => {
      const renamed = within(from)
      const become = (before: string, after: string): void => {
        for (const file of renamed) file.rename(moved(file.path, before, after))
        onChanged()
      }
      become(from, to)
      return () => become(to, from)
    },

    heed: ({ kind, path, to, etag }: Change): void => {
      const isAway = kind === 'deleted' || kind === 'moved'
      for (const file of files) {
        if (file.path === path || (isAway && isWithin(file.path, path))) check(file, isAway ? undefined : etag)
        else if (to !== undefined && isWithin(file.path, to)) check(file)
      }
    },

    /** After changes that nobody has told of. */
    checkAll: (): void => files.forEach((file) => check(file))
  }
}
