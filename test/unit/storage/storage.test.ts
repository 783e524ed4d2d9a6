import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ObjectNotFoundError, StorageError, type ObjectStorage } from '../../../src/storage/object-storage.ts'
import { createS3Storage } from '../../../src/storage/s3.ts'
import { startS3Server } from '../../support/s3-server.ts'
import { startDirectoryStore, startS3Store, type Store } from './stores.ts'

const MEGABYTE = 1024 * 1024

const textOf = async (storage: ObjectStorage, key: string): Promise<string> => (await buffer(await storage.get(key))).toString()

describe.each([
  ['a directory', startDirectoryStore],
  ['an S3 store', startS3Store]
])('%s', (_name, startStore) => {
  let store: Store
  let storage: ObjectStorage

  beforeAll(async () => {
    store = await startStore()
    storage = store.storage
  })
  afterAll(async () => await store.stop())

  it('gives back what was put', async () => {
    await storage.put('a/one', Readable.from([Buffer.from('first '), Buffer.from('object')]))
    await storage.put('a/two', Readable.from([Buffer.from('second')]))
    expect(await textOf(storage, 'a/one')).toBe('first object')
    expect(await textOf(storage, 'a/two')).toBe('second')
  })

  it('takes an empty object', async () => {
    await storage.put('empty', Readable.from([]))
    expect(await textOf(storage, 'empty')).toBe('')
  })

  it('takes one of several parts', async () => {
    const chunk = Buffer.alloc(MEGABYTE, 'x')
    await storage.put('large', Readable.from((function * () { for (let i = 0; i < 37; i++) yield chunk })()))
    let size = 0
    for await (const bytes of await storage.get('large')) size += (bytes as Buffer).length
    expect(size).toBe(37 * MEGABYTE)
  })

  it('replaces an object', async () => {
    await storage.put('again', Readable.from([Buffer.from('old')]))
    await storage.put('again', Readable.from([Buffer.from('new')]))
    expect(await textOf(storage, 'again')).toBe('new')
  })

  it('says that there is no such object', async () => {
    await expect(storage.get('never')).rejects.toThrow(ObjectNotFoundError)
  })

  it('removes an object, and does not mind one that is not there', async () => {
    await storage.put('gone', Readable.from([Buffer.from('x')]))
    await storage.remove('gone')
    await expect(storage.get('gone')).rejects.toThrow(ObjectNotFoundError)
    await storage.remove('gone')
  })

  it.each([['at once', 0], ['after a part was stored', 20]])('keeps nothing of a stream that fails %s, and throws its error', async (_when, megabytes) => {
    const failing = Readable.from((function * () {
      for (let i = 0; i < megabytes; i++) yield Buffer.alloc(MEGABYTE)
      throw new Error('the source broke')
    })())
    await expect(storage.put('failed', failing)).rejects.toThrow('the source broke')
    await expect(storage.get('failed')).rejects.toThrow(ObjectNotFoundError)
  })

  it('leaves the old object when a new one fails', async () => {
    await storage.put('kept', Readable.from([Buffer.from('old')]))
    await expect(storage.put('kept', Readable.from((function * () { throw new Error('the source broke') })()))).rejects.toThrow('the source broke')
    expect(await textOf(storage, 'kept')).toBe('old')
  })

  it('keeps nothing of what is given up half way', async () => {
    const controller = new AbortController()
    const endless = Readable.from((function * () {
      for (let i = 0; ; i++) {
        if (i === 40) controller.abort(new Error('no longer wanted'))
        yield Buffer.alloc(MEGABYTE)
      }
    })())
    await expect(storage.put('endless', endless, controller.signal)).rejects.toThrow()
    await expect(storage.get('endless')).rejects.toThrow(ObjectNotFoundError)
  })
})

describe('an S3 store', () => {
  it('that does not know our key is told as a failure of the storage', async () => {
    const server = await startS3Server()
    const storage = createS3Storage({ ...server.options, credentials: { accessKeyId: 'somebody', secretAccessKey: 'else' } })
    try {
      await expect(storage.put('key', Readable.from([Buffer.from('x')]))).rejects.toThrow(StorageError)
      await expect(storage.get('key')).rejects.toThrow(StorageError)
      await expect(storage.remove('key')).rejects.toThrow(StorageError)
    } finally {
      storage.close()
      await server.stop()
    }
  })

  it('that is not there is told as a failure of the storage', async () => {
    const server = await startS3Server()
    await server.stop()
    const storage = createS3Storage(server.options)
    await expect(storage.get('key')).rejects.toThrow(StorageError)
    storage.close()
  })
})
