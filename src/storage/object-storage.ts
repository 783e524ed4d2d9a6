import type { Readable } from 'node:stream'

/** There is no object of this key. */
export class ObjectNotFoundError extends Error {
  override readonly name = 'ObjectNotFoundError'
}

/** The storage does not answer, or refuses what it should not. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
}

/** Keeps objects under keys made of `[A-Za-z0-9-]` and slashes. Whatever fails otherwise is a StorageError. */
export interface ObjectStorage {
  /** Stores what the stream carries, whole or not at all, in place of what there was. A stream that fails leaves nothing, and its error is thrown. */
  readonly put: (key: string, bytes: Readable, signal?: AbortSignal) => Promise<void>
  /** Rejects with ObjectNotFoundError before there is a byte. */
  readonly get: (key: string, signal?: AbortSignal) => Promise<Readable>
  /** Removes the object, if there is one, and what an interrupted `put` has left of it. */
  readonly remove: (key: string) => Promise<void>
  readonly close: () => void
}
