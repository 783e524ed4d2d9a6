import type { Member } from './members.ts'

type Kind = Member['type']

interface Node {
  /** Undefined for a directory that only a path beneath it has named. */
  kind: Kind | undefined
  size: number
  hasChildren: boolean
}

const SLASH = '/'.charCodeAt(0)

/**
 * The paths of an archive as a tree of names. Each name is looked at once, so the work is linear in the bytes of the paths
 * however deep they are. `steps` counts it, for a test.
 */
export function createPathTree () {
  const nodes: Node[] = [{ kind: 'directory', size: 0, hasChildren: false }]
  // By the parent's number and the name: one map of flat keys takes far less memory than a map in each directory.
  const children = new Map<string, number>()
  let members = 0
  let steps = 0

  function * namesOf (path: Buffer): Generator<string> {
    for (let start = 0, end: number; start <= path.length; start = end + 1) {
      end = path.indexOf(SLASH, start)
      if (end < 0) end = path.length
      steps += end - start + 1
      yield path.toString('latin1', start, end)
    }
  }

  const keyOf = (parent: number, name: string): string => `${parent}/${name}`

  function childOf (parent: number, name: string): number {
    const key = keyOf(parent, name)
    const known = children.get(key)
    if (known !== undefined) return known
    nodes.push({ kind: undefined, size: 0, hasChildren: false })
    children.set(key, nodes.length - 1)
    return nodes.length - 1
  }

  return {
    /** What is wrong with putting it there: it is there already, or what its path goes through is no directory. */
    add ({ path, type, size }: Pick<Member, 'path' | 'type' | 'size'>): 'twice' | 'beneath' | undefined {
      let at = 0
      for (const name of namesOf(path)) {
        const parent = nodes[at] as Node
        if (parent.kind !== undefined && parent.kind !== 'directory') return 'beneath'
        parent.hasChildren = true
        at = childOf(at, name)
      }
      const node = nodes[at] as Node
      if (node.kind !== undefined && !(node.kind === 'directory' && type === 'directory')) return 'twice'
      // Members may come in any order: something that goes through it may have come before.
      if (node.hasChildren && type !== 'directory') return 'beneath'
      if (node.kind === undefined) members++
      node.kind = type
      node.size = size
      return undefined
    },

    /** Of a file that was added; undefined if there is none of that path. */
    sizeOfFile (path: Buffer): number | undefined {
      let at: number | undefined = 0
      for (const name of namesOf(path)) {
        at = children.get(keyOf(at, name))
        if (at === undefined) return undefined
      }
      const { kind, size } = nodes[at] as Node
      return kind === 'file' || kind === 'link' ? size : undefined
    },

    members: (): number => members,
    /** Of everything that is made of it, with the directories that paths only go through. */
    count: (): number => nodes.length - 1,
    steps: (): number => steps
  }
}
