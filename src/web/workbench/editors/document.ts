import { DISCONNECTED, RequestError } from '../../../client/files/requests.ts'

export interface Version {
  readonly text: string
  readonly etag: string
}

export type DocumentState =
  | { readonly name: 'unchanged' }
  | { readonly name: 'modified' }
  | { readonly name: 'saving' }
  /** To be saved when there is a connection again. */
  | { readonly name: 'waiting' }
  /** Changed here and on the disk. */
  | { readonly name: 'conflict' }
  /** No longer on the disk. */
  | { readonly name: 'gone' }

export interface DocumentOptions {
  readonly version: Version
  /** The text as it is edited. */
  readonly text: () => string
  /** The disk has another text, and nothing here is lost by taking it. */
  readonly onText: (text: string) => void
  readonly onState: (state: DocumentState) => void
  /** Undefined when there is no such file any more. */
  readonly read: () => Promise<Version | undefined>
  /** Rejects with PRECONDITION_FAILED when the disk has another version than `ifMatch`; without that, when it has any. */
  readonly write: (text: string, ifMatch: string | undefined) => Promise<string>
}

/** A text that is edited here while programs may write it on the disk: neither is ever lost without a question. */
export function createDocument ({ version, text, onText, onState, read, write }: DocumentOptions) {
  /** What the text here came from. */
  let base = version
  /** It is not on the disk any more: deleted, or about to be written anew, as Git does. */
  let isGone = false
  /** What the disk had when it was last looked at, if that is not what the text here came from. */
  let theirs: Version | undefined
  let isSaving = false
  /** Somebody wanted it saved, and there was no connection. */
  let isSaveOwed = false
  let queue: Promise<unknown> = Promise.resolve()
  /** What is known of the disk since a look at it was asked for: its etag, or only that it has changed. */
  let queuedCheck: { etag: string | undefined } | undefined
  let shown: DocumentState['name'] = 'unchanged'

  /** One at a time: a look at the disk while a save is under way would find half of the story. */
  async function inTurn<T> (work: () => Promise<T>): Promise<T> {
    const done = queue.then(work)
    queue = done.catch(() => undefined)
    return await done
  }

  function stateName (): DocumentState['name'] {
    if (isSaving) return 'saving'
    if (theirs !== undefined) return 'conflict'
    if (isGone) return 'gone'
    if (text() === base.text) return 'unchanged'
    return isSaveOwed ? 'waiting' : 'modified'
  }

  function tell (): void {
    const name = stateName()
    if (name === shown) return
    shown = name
    onState({ name })
  }

  function adopt (found: Version): void {
    base = found
    theirs = undefined
    isGone = isSaveOwed = false
    if (text() !== found.text) onText(found.text)
    tell()
  }

  function compare (found: Version | undefined): void {
    if (found !== undefined && (found.text === text() || text() === base.text)) return adopt(found)
    isGone = found === undefined
    theirs = found
    // Only its time has changed.
    if (found?.text === base.text) [base, theirs] = [found, undefined]
    tell()
  }

  async function writeNow (): Promise<void> {
    const sent = text()
    isSaving = true
    isSaveOwed = false
    tell()
    try {
      base = { text: sent, etag: await write(sent, isGone ? undefined : base.etag) }
      isGone = false
    } finally {
      isSaving = false
      tell()
    }
  }

  async function saveNow (): Promise<void> {
    try {
      await writeNow()
    } catch (error) {
      if (isRefusal(error, 'PRECONDITION_FAILED')) return compare(await read())
      if (!isRefusal(error, DISCONNECTED)) throw error
      isSaveOwed = true
      tell()
    }
  }

  async function checkNow (): Promise<void> {
    const known = queuedCheck?.etag
    queuedCheck = undefined
    if (known === undefined || isGone || known !== (theirs ?? base).etag) compare(await read())
    if (stateName() === 'waiting') await saveNow()
  }

  return {
    get isUnsaved () { return stateName() !== 'unchanged' },
    /** What the text here came from. */
    get base () { return base },
    /** What the disk has, where that was changed on both sides. */
    get theirs () { return theirs },
    /** To be called after each change of the text. */
    edited: tell,

    /**
     * Looks at the disk, unless `etag`, which it has now, is known here. What cannot be reached now is looked at when the
     * connection is back.
     */
    check: async (etag?: string): Promise<void> => {
      if (queuedCheck !== undefined) {
        if (queuedCheck.etag !== etag) queuedCheck.etag = undefined
        return
      }
      queuedCheck = { etag }
      await inTurn(checkNow).catch((error: unknown) => {
        if (!isRefusal(error, DISCONNECTED)) throw error
      })
    },

    /**
     * Not while there is a conflict: whose text it is to be, somebody must say. Without a connection it is done with the
     * first look at the disk afterwards.
     */
    save: async (): Promise<void> => await inTurn(async () => { if (theirs === undefined) await saveNow() }),

    takeTheirs (): void {
      if (theirs !== undefined) adopt(theirs)
    },

    /** Writes the text here over that version of theirs that was shown, and no later one. */
    keepMine: async (): Promise<void> => await inTurn(async () => {
      base = theirs ?? base
      theirs = undefined
      await saveNow()
    })
  }
}

function isRefusal (error: unknown, code: string): boolean {
  return error instanceof RequestError && error.code === code
}
