import { lazy, Suspense } from 'preact/compat'
import { useEffect, useRef, useState } from 'preact/hooks'
import { displayName, nameOf } from '../../../client/files/paths.ts'
import type { Match } from '../../../protocols/files.ts'
import type { PaletteEntry } from '../../ui/palette.tsx'
import { useWorkbench, type Workbench } from '../workbench.ts'
import { columnOf } from './column.ts'

const Palette = lazy(async () => await import('../../ui/palette.tsx'))

/** What programs put there, and nobody looks for. */
const EXCLUDED = ['node_modules', '.git', '.venv', '__pycache__', 'target', 'dist']
const MOST_FILES = 10_000
const MOST_LINES = 200
/** After the last letter. */
const PAUSE_MS = 200

type Found = readonly PaletteEntry[] | undefined

/** The field that opens a file by its name, or at a text that is in it. */
export function Finder () {
  const workbench = useWorkbench()
  const { finding, texts: { finder: texts } } = workbench
  if (finding.value === undefined) return null
  const close = (): void => { finding.value = undefined }
  return <Suspense fallback={null}>{finding.value === 'name' ? <NameFinder workbench={workbench} texts={texts} onClose={close} /> : <TextFinder workbench={workbench} texts={texts} onClose={close} />}</Suspense>
}

interface Props {
  readonly workbench: Workbench
  readonly texts: Workbench['texts']['finder']
  readonly onClose: () => void
}

function NameFinder ({ workbench: { request, report, openFile, attempt }, texts, onClose }: Props) {
  const [entries, setEntries] = useState<Found>()
  useEffect(() => {
    request('find', { name: '*', exclude: EXCLUDED, limit: MOST_FILES }).then(({ matches }) => {
      setEntries(matches.filter(({ type }) => type === 'file').map(({ path }) => ({ id: path, title: displayName(nameOf(path)), detail: displayName(path), run: () => attempt(async () => await openFile(path)) })))
    }).catch((error: unknown) => {
      onClose()
      report(error)
    })
  }, [])
  return <Palette title={texts.name} placeholder={texts.name} none={entries === undefined ? texts.looking : texts.none} entries={entries ?? []} onClose={onClose} />
}

function TextFinder ({ workbench: { request, report, openFile, attempt }, texts, onClose }: Props) {
  const [entries, setEntries] = useState<Found>([])
  const [isCut, setCut] = useState(false)
  const wanted = useRef('')
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(pause.current), [])

  const entryOf = ({ path, line, column, text }: Match): PaletteEntry => ({
    id: `${path}:${line ?? 0}:${column ?? 0}`,
    title: text?.trim() ?? '',
    detail: `${displayName(path)}:${line ?? 1}`,
    run: () => attempt(async () => await openFile(path, { line: line ?? 1, column: columnOf(text ?? '', column ?? 1) }))
  })

  async function look (text: string): Promise<void> {
    const { matches, truncated } = await request('find', { text, ignoreCase: text === text.toLowerCase(), exclude: EXCLUDED, limit: MOST_LINES })
    if (wanted.current !== text) return
    setEntries(matches.map(entryOf))
    setCut(truncated)
  }

  function heed (text: string): void {
    wanted.current = text
    clearTimeout(pause.current)
    setEntries(text === '' ? [] : undefined)
    if (text === '') return
    pause.current = setTimeout(() => {
      look(text).catch((error: unknown) => {
        onClose()
        report(error)
      })
    }, PAUSE_MS)
  }

  const none = entries === undefined ? texts.looking : wanted.current === '' ? texts.hint : texts.none
  return <Palette title={texts.text} placeholder={texts.text} none={none} note={isCut ? texts.more(MOST_LINES) : undefined} entries={entries ?? []} onText={heed} onClose={onClose} />
}
