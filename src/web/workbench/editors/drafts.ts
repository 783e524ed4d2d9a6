import type { EditorMemory } from '../../editor/text-editor.ts'
import type { Version } from './document.ts'

/** A text as it was left, which outlives a browser that crashes. */
export interface Draft {
  readonly text: string
  /** What it came from. */
  readonly base: Version
  /** Left out where it would be too much. */
  readonly memory: EditorMemory | undefined
}

export type Drafts = ReturnType<typeof createDrafts>

const STORE = 'drafts'
const MOST_MEMORY = 1024 ** 2

/** The browser's own store, where it has one: without it, nothing is remembered. */
export function createDrafts (indexedDB: IDBFactory, projectId: string) {
  let opening: Promise<IDBDatabase> | undefined

  async function open (): Promise<IDBDatabase> {
    return await new Promise((resolve, reject) => {
      const request = indexedDB.open('berth', 1)
      request.onupgradeneeded = () => { request.result.createObjectStore(STORE) }
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error ?? new Error('no store'))
    })
  }

  async function ask<T> (mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
    try {
      const database = await (opening ??= open())
      return await new Promise((resolve, reject) => {
        const request = use(database.transaction(STORE, mode).objectStore(STORE))
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error ?? new Error('no answer'))
      })
    } catch {
      return undefined
    }
  }

  const key = (path: string): string[] => [projectId, path]
  return {
    find: async (path: string): Promise<Draft | undefined> => await ask<Draft | undefined>('readonly', (store) => store.get(key(path)) as IDBRequest<Draft | undefined>),
    async put (path: string, { memory, ...draft }: Draft): Promise<void> {
      const isSmall = JSON.stringify(memory).length <= MOST_MEMORY
      await ask('readwrite', (store) => store.put({ ...draft, memory: isSmall ? memory : undefined }, key(path)))
    },
    /** The paths of what nobody has saved. */
    async unsaved (): Promise<string[]> {
      const range = IDBKeyRange.bound([projectId], [projectId, []])
      const [keys = [], drafts = []] = [await ask('readonly', (store) => store.getAllKeys(range)), await ask<Draft[]>('readonly', (store) => store.getAll(range) as IDBRequest<Draft[]>)]
      return drafts.flatMap(({ text, base }, index) => text === base.text ? [] : [(keys[index] as string[])[1] ?? '']).filter((path) => path !== '')
    },
    remove: async (path: string): Promise<void> => { await ask('readwrite', (store) => store.delete(key(path))) }
  }
}
