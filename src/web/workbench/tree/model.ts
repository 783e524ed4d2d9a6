import { join, nameOf, parentOf, ROOT } from '../../../client/files/paths.ts'
import { isOfHome } from './home.ts'
import type { Change, Entry, EntryType } from '../../../protocols/files.ts'

interface Node {
  type: EntryType
  isExpanded: boolean
  isTruncated: boolean
  /** Undefined until the directory has been read. */
  children: Map<string, Node> | undefined
  /** The names in their order, as long as it is right. */
  order: string[] | undefined
}

/** A line of the tree as it is shown. */
export interface Row {
  readonly path: string
  readonly type: EntryType
  /** From 1. */
  readonly level: number
  /** Among those of its directory, from 1. */
  readonly position: number
  readonly count: number
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
    const parent = find(parentOf(path))
    const node = parent?.children?.get(nameOf(path))
    if (node === undefined || parent === undefined) return undefined
    parent.children?.delete(nameOf(path))
    parent.order = undefined
    return node
  }

  /** Where the directory has not been read, it is read whole one day. */
  function put (path: string, node: Node): void {
    const parent = find(parentOf(path))
    if (parent?.children === undefined) return
    parent.children.set(nameOf(path), node)
    parent.order = undefined
  }

  /** Goes on with what is known of a directory that is still one. */
  function note (path: string, type: EntryType): void {
    if (find(path)?.type !== type) put(path, createNode(type))
  }

  function addRows (rows: Row[], directory: string, node: Node, level: number): Row[] {
    node.order ??= namesInOrder(node.children ?? new Map())
    const names = showsAll || directory !== ROOT ? node.order : node.order.filter((name) => !isOfHome(name))
    for (const [index, name] of names.entries()) {
      const child = node.children?.get(name)
      if (child === undefined) continue
      const path = join(directory, name)
      const { type, isExpanded, isTruncated } = child
      rows.push({ path, type, level, position: index + 1, count: names.length, isExpanded, isTruncated })
      if (isExpanded) addRows(rows, path, child, level + 1)
    }
    return rows
  }

  return {
    /** The entries of a directory, as they have just been read. */
    fill (directory: string, entries: readonly Entry[], isTruncated: boolean): void {
      const node = find(directory)
      if (node === undefined) return
      const before = node.children
      node.isTruncated = isTruncated
      node.order = undefined
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
    rows: (): Row[] => addRows([], ROOT, root, 1),

    /** The directories whose entries can be seen, each before those in it. */
    openDirectories: (): string[] => [ROOT, ...addRows([], ROOT, root, 1).filter(({ isExpanded }) => isExpanded).map(({ path }) => path)]
  }
}

function createNode (type: EntryType): Node {
  return { type, isExpanded: false, isTruncated: false, children: undefined, order: undefined }
}

/** Directories first; names that only their case or an accent tells apart still have an order. */
function namesInOrder (children: ReadonlyMap<string, Node>): string[] {
  return [...children].sort(([a, { type: typeA }], [b, { type: typeB }]) =>
    Number(typeB === 'directory') - Number(typeA === 'directory') || collator.compare(a, b) || (a < b ? -1 : 1)).map(([name]) => name)
}
