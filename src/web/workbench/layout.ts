import { effect, signal } from '@preact/signals'

interface Stored {
  readonly files: readonly string[]
  readonly side: number
  readonly panel: number
  readonly preview: number
  readonly isSideShown: boolean
  readonly isPanelShown: boolean
  readonly isPreviewShown: boolean
  /** What terminals are called by whoever looks. */
  readonly names: Readonly<Record<string, string>>
}

export type Pane = 'files' | 'code' | 'panel' | 'preview'

const MOST_FILES = 30
const MOST_NAMES = 16

/** Where is what, kept for each project. */
export function createLayout (storage: Storage, projectId: string) {
  const key = `berth.project.${projectId}`
  const stored = read(storage.getItem(key))
  const layout = {
    files: signal<readonly string[]>(stored.files ?? []),
    side: signal(stored.side ?? 20),
    panel: signal(stored.panel ?? 62),
    preview: signal(stored.preview ?? 60),
    isSideShown: signal(stored.isSideShown ?? true),
    isPanelShown: signal(stored.isPanelShown ?? false),
    isPreviewShown: signal(stored.isPreviewShown ?? false),
    names: signal(stored.names ?? {})
  }
  const stop = effect(() => {
    const next: Stored = {
      files: layout.files.value.slice(0, MOST_FILES),
      side: layout.side.value,
      panel: layout.panel.value,
      preview: layout.preview.value,
      isSideShown: layout.isSideShown.value,
      isPanelShown: layout.isPanelShown.value,
      isPreviewShown: layout.isPreviewShown.value,
      names: Object.fromEntries(Object.entries(layout.names.value).slice(-MOST_NAMES))
    }
    // A browser that stores nothing forgets it.
    try { storage.setItem(key, JSON.stringify(next)) } catch {}
  })

  return {
    ...layout,
    /** The one that is shown where there is room for one only. */
    pane: signal<Pane>('files'),
    stop
  }
}

function read (text: string | null): Partial<Stored> {
  const value = parse(text)
  const number = (name: keyof Stored): number | undefined => typeof value[name] === 'number' && value[name] >= 0 && value[name] <= 100 ? value[name] : undefined
  const flag = (name: keyof Stored): boolean | undefined => typeof value[name] === 'boolean' ? value[name] : undefined
  const { files, names } = value
  return Object.fromEntries(Object.entries({
    files: Array.isArray(files) ? files.filter((path) => typeof path === 'string') : undefined,
    side: number('side'), panel: number('panel'), preview: number('preview'),
    isSideShown: flag('isSideShown'), isPanelShown: flag('isPanelShown'), isPreviewShown: flag('isPreviewShown'),
    names: typeof names === 'object' && names !== null ? Object.fromEntries(Object.entries(names).filter(([, name]) => typeof name === 'string')) as Record<string, string> : undefined
  }).filter(([, part]) => part !== undefined))
}

function parse (text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {}
  } catch {
    return {}
  }
}
