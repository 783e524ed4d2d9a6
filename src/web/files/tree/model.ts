import { join, nameOf, parentOf, ROOT } from '../../../client/files/paths.ts'
import { isOfHome } from './home.ts'
import type { Change, Entry, EntryType } from '../../../protocols/files.ts'

interface Node {
  type: EntryType
  isExpanded: boolean
  isTruncated: boolean
  /** Undefined until the directory has been read. */
  children: Map<string, Node> | undefined
}

/** A line of the tree as it is shown. */
export interface Row {
  readonly path: string
  readonly type: EntryType
  /** From 1. */
  readonly level: number
  readonly isExpanded: boolean
  /** It has more entries than are known. */
  readonly isTruncated: boolean
}

export type Tree = ReturnType<typeof createTree>

const collator = new Intl.Collator('en', { numeric: true })

/** What is known of a project's files: directories are filled when they are opened, and changes keep them right. */
export function createTree () {
  let showsAll = false
  const root = createNode('directory')
  root.isExpanded = true

  function find (path: string): Node | undefined {
    if (path === ROOT) return root
    return find(parentOf(path))?.children?.get(nameOf(path))
  }

  function remove (path: string): Node | undefined {
    const siblings = find(parentOf(path))?.children
    const node = siblings?.get(nameOf(path))
    siblings?.delete(nameOf(path))
    return node
  }

  /** Where the directory has not been read, it is read whole one day. */
  function put (path: string, node: Node): void {
    find(parentOf(path))?.children?.set(nameOf(path), node)
  }

  /** Goes on with what is known of a directory that is still one. */
  function note (path: string, type: EntryType): void {
    if (find(path)?.type !== type) put(path, createNode(type))
  }

  function listRows (directory: string, node: Node, level: number): Row[] {
    return sorted(node.children ?? new Map()).flatMap(([name, child]) => {
      const path = join(directory, name)
      if (!showsAll && isOfHome(path)) return []
      const { type, isExpanded, isTruncated } = child
      return [{ path, type, level, isExpanded, isTruncated }, ...(isExpanded ? listRows(path, child, level + 1) : [])]
    })
  }

  return {
    /** The entries of a directory, as they have just been read. */
    fill (directory: string, entries: readonly Entry[], isTruncated: boolean): void {
      const node = find(directory)
      if (node === undefined) return
      const before = node.children
      node.isTruncated = isTruncated
      node.children = new Map(entries.map(({ path, type }) => {
        const known = before?.get(nameOf(path))
        return [nameOf(path), known?.type === type ? known : createNode(type)]
      }))
    },

    apply ({ kind, path, to = path, entryType }: Change): void {
      if (kind === 'deleted') remove(path)
      else if (kind === 'moved') put(to, remove(path) ?? createNode(entryType))
      else note(path, entryType)
    },

    remove: (path: string): void => { remove(path) },

    setExpanded (path: string, isExpanded: boolean): void {
      const node = find(path)
      if (node?.type === 'directory') node.isExpanded = isExpanded
    },

    /** Whether what shells and tools keep in the home directory is shown too. */
    setShowsAll: (value: boolean): void => { showsAll = value },
    has: (path: string): boolean => find(path) !== undefined,
    typeOf: (path: string): EntryType | undefined => find(path)?.type,
    get isTruncated () { return root.isTruncated },

    /** What can be seen, from top to bottom. */
    rows: (): Row[] => listRows(ROOT, root, 1),

    /** The directories whose entries can be seen, each before those in it. */
    openDirectories: (): string[] => [ROOT, ...listRows(ROOT, root, 1).filter(({ isExpanded }) => isExpanded).map(({ path }) => path)]
  }
}

function createNode (type: EntryType): Node {
  return { type, isExpanded: false, isTruncated: false, children: undefined }
}

/** Directories first; names that only their case or an accent tells apart still have an order. */
function sorted (children: ReadonlyMap<string, Node>): Array<[string, Node]> {
  return [...children].sort(([a, { type: typeA }], [b, { type: typeB }]) =>
    Number(typeB === 'directory') - Number(typeA === 'directory') || collator.compare(a, b) || (a < b ? -1 : 1))
}
