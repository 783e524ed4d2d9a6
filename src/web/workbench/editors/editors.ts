import { computed, signal } from '@preact/signals'
import { isWithin, moved } from '../../../client/files/paths.ts'
import { RequestError, type Request } from '../../../client/files/requests.ts'
import type { Change } from '../../../protocols/files.ts'
import type { Drafts } from './drafts.ts'
import { openFile, type OpenFile, type OpenFileOptions } from './open-file.ts'
import { NOT_EDITABLE, readText } from './storage.ts'

/** What no editor opens. */
export interface OtherFile {
  readonly kind: 'other'
  readonly id: string
  readonly path: { readonly value: string, readonly peek: () => string }
  readonly reason: string
}

export type Tab = OpenFile | OtherFile

export interface EditorsOptions extends Pick<OpenFileOptions, 'labelOf'> {
  readonly request: Request
  readonly drafts: Drafts
  readonly isReadOnly: () => boolean
  readonly report: (error: unknown) => void
  readonly onRestored: (path: string) => void
}

export interface Spot {
  readonly line: number
  readonly column?: number | undefined
}

export type Editors = ReturnType<typeof createEditors>

/** The files that are open, each behind its tab. */
export function createEditors ({ request, drafts, labelOf, isReadOnly, report, onRestored }: EditorsOptions) {
  const tabs = signal<readonly Tab[]>([])
  const shown = signal<Tab | undefined>(undefined)
  const opening = new Map<string, Promise<Tab>>()
  let wanted: string | undefined

  const find = (path: string): Tab | undefined => tabs.peek().find((tab) => tab.path.peek() === path)
  const texts = (): OpenFile[] => tabs.peek().filter((tab) => tab.kind === 'text')
  const within = (directory: string): Tab[] => tabs.peek().filter((tab) => isWithin(tab.path.peek(), directory))

  async function load (path: string): Promise<Tab> {
    const draft = drafts.find(path)
    try {
      const version = await readText(request, path)
      const file = openFile({ path, version, request, drafts, labelOf, draft: await draft, isReadOnly: isReadOnly() })
      if (file.isRestored) {
        onRestored(path)
        check(file)
      }
      return file
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== NOT_EDITABLE) throw error
      return { kind: 'other', id: crypto.randomUUID(), path: signal(path), reason: error.message }
    }
  }

  /** Once, however often it is asked for meanwhile. */
  async function ensure (path: string): Promise<Tab> {
    const known = find(path) ?? opening.get(path)
    if (known !== undefined) return await known
    const loading = load(path).then((tab) => {
      tabs.value = [...tabs.peek(), tab]
      return tab
    }).finally(() => opening.delete(path))
    opening.set(path, loading)
    return await loading
  }

  function check (file: OpenFile, etag?: string): void {
    file.document.check(etag).catch(report)
  }

  function close (closing: readonly Tab[], { keeps }: { keeps: boolean }): void {
    const at = tabs.peek().findIndex((tab) => tab === shown.peek())
    tabs.value = tabs.peek().filter((tab) => !closing.includes(tab))
    if (shown.peek() !== undefined && closing.includes(shown.peek() as Tab)) shown.value = tabs.peek()[Math.min(at, tabs.peek().length - 1)]
    for (const tab of closing) if (tab.kind === 'text') tab.close({ keeps })
  }

  return {
    tabs,
    shown,
    unsaved: computed(() => new Set(tabs.value.filter((tab) => tab.kind === 'text' && tab.isUnsaved.value).map((tab) => tab.path.value))),

    /** The tab is the one that was asked for last. Undefined when another one was wanted meanwhile. */
    async open (path: string, spot?: Spot): Promise<Tab | undefined> {
      wanted = path
      const tab = await ensure(path)
      if (wanted !== path) return undefined
      shown.value = tab
      if (tab.kind === 'text' && spot !== undefined) tab.editor.goTo(spot.line, spot.column)
      return tab
    },

    /** The files that were open the last time, as far as they are still there. */
    async restore (paths: readonly string[]): Promise<void> {
      const found = await Promise.all(paths.map(async (path) => await ensure(path).catch(() => undefined)))
      const order = found.filter((tab) => tab !== undefined)
      tabs.value = [...order.filter((tab) => tabs.peek().includes(tab)), ...tabs.peek().filter((tab) => !order.includes(tab))]
    },

    show (tab: Tab): void {
      wanted = undefined
      shown.value = tab
    },

    /** Without what is unsaved in it. */
    close: (tab: Tab): void => close([tab], { keeps: false }),
    /** With their unsaved text, which nobody wants any more. */
    discard: (directory: string): void => close(within(directory), { keeps: false }),
    /** The page goes. */
    leave: (): void => close(tabs.peek(), { keeps: true }),
    remember: (): void => texts().forEach((file) => file.remember()),

    /** Returns how to take it back: by then, others may have come to be in the new place. */
    rename (from: string, to: string): () => void {
      const renamed = within(from)
      const become = (before: string, after: string): void => {
        close(renamed.filter((tab) => tab.kind === 'other'), { keeps: false })
        for (const tab of renamed) if (tab.kind === 'text') tab.rename(moved(tab.path.peek(), before, after))
      }
      become(from, to)
      return () => become(to, from)
    },

    heed ({ kind, path, to, etag }: Change): void {
      const isAway = kind === 'deleted' || kind === 'moved'
      for (const file of texts()) {
        const at = file.path.peek()
        if (at === path || (isAway && isWithin(at, path))) check(file, isAway ? undefined : etag)
        else if (to !== undefined && isWithin(at, to)) check(file)
      }
    },

    /** After changes that nobody has told of. */
    checkAll: (): void => texts().forEach((file) => check(file))
  }
}
