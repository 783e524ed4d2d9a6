import { describe, expect, it } from 'vitest'
import { createDocument, type Version } from '../../../src/web/workbench/editors/document.ts'
import { RequestError } from '../../../src/client/files/requests.ts'

/** A document on a disk that the test writes to as well. */
function open (first = 'start') {
  let version = 1
  let disk: Version | undefined = { text: first, etag: 'v1' }
  let text = first
  let failure: Error | undefined
  const states: string[] = []
  const writes: Array<[string, string | undefined]> = []
  const document = createDocument({
    version: disk,
    text: () => text,
    onText: (next) => { text = next },
    onState: ({ name }) => states.push(name),
    read: async () => {
      if (failure !== undefined) throw failure
      return disk
    },
    write: async (content, ifMatch) => {
      writes.push([content, ifMatch])
      if (failure !== undefined) throw failure
      if (disk?.etag !== ifMatch) throw new RequestError('PRECONDITION_FAILED', 'It is another', disk?.etag)
      disk = { text: content, etag: `v${++version}` }
      return disk.etag
    }
  })
  return {
    document,
    states,
    writes,
    get text () { return text },
    get disk () { return disk?.text },
    get etag () { return disk?.etag },
    get state () { return states.at(-1) ?? 'unchanged' },
    type: (next: string) => {
      text = next
      document.edited()
    },
    /** What a program does. */
    put: (content: string | undefined) => { disk = content === undefined ? undefined : { text: content, etag: `v${++version}` } },
    fail: (error: Error | undefined) => { failure = error }
  }
}

describe('a document', () => {
  it('is modified until it is saved, or is as it was', async () => {
    const test = open()
    test.type('changed')
    expect(test.state).toBe('modified')
    test.type('start')
    expect(test.state).toBe('unchanged')
    test.type('changed')
    await test.document.save()
    expect(test.states).toEqual(['modified', 'unchanged', 'modified', 'saving', 'unchanged'])
    expect(test.disk).toBe('changed')
  })

  it('saves over its own version each time', async () => {
    const test = open()
    for (const text of ['one', 'two']) {
      test.type(text)
      await test.document.save()
    }
    expect(test.writes).toEqual([['one', 'v1'], ['two', 'v2']])
  })

  it('stays modified by what is typed while it is being saved', async () => {
    const test = open()
    test.type('one')
    const saved = test.document.save()
    await expect.poll(() => test.writes.length).toBe(1)
    test.type('one and more')
    await saved
    expect(test.state).toBe('modified')
    expect(test.disk).toBe('one')
  })

  it('takes what is on the disk while nothing was changed here', async () => {
    const test = open()
    test.put('theirs')
    await test.document.check()
    expect([test.text, test.state]).toEqual(['theirs', 'unchanged'])
  })

  it('keeps its text when both were changed, and does not save before somebody decides', async () => {
    const test = open()
    test.type('mine')
    test.put('theirs')
    await test.document.check()
    await test.document.save()
    expect([test.text, test.disk, test.state]).toEqual(['mine', 'theirs', 'conflict'])
  })

  it('finds out when it saves', async () => {
    const test = open()
    test.type('mine')
    test.put('theirs')
    await test.document.save()
    expect([test.text, test.disk, test.state]).toEqual(['mine', 'theirs', 'conflict'])
  })

  it('takes theirs', async () => {
    const test = open()
    test.type('mine')
    test.put('theirs')
    await test.document.check()
    test.document.takeTheirs()
    expect([test.text, test.disk, test.state]).toEqual(['theirs', 'theirs', 'unchanged'])
  })

  it('keeps mine, over the version of theirs that was shown', async () => {
    const test = open()
    test.type('mine')
    test.put('theirs')
    await test.document.check()
    await test.document.keepMine()
    expect([test.text, test.disk, test.state]).toEqual(['mine', 'mine', 'unchanged'])
    expect(test.writes).toEqual([['mine', 'v2']])
  })

  it('asks again when theirs is a newer one by then', async () => {
    const test = open()
    test.type('mine')
    test.put('theirs')
    await test.document.check()
    test.put('newer')
    await test.document.keepMine()
    expect([test.disk, test.state]).toEqual(['newer', 'conflict'])
    test.document.takeTheirs()
    expect(test.text).toBe('newer')
  })

  it.each(['the same as mine', 'start'])('sees no conflict in a disk that says %s', async (theirs) => {
    const test = open()
    test.type('the same as mine')
    test.put(theirs)
    await test.document.check()
    expect(test.state).toBe(theirs === 'start' ? 'modified' : 'unchanged')
    test.type('more')
    await test.document.save()
    expect([test.disk, test.state]).toEqual(['more', 'unchanged'])
  })

  it('ends a conflict when the disk goes back to what was changed here', async () => {
    const test = open()
    test.type('mine')
    test.put('theirs')
    await test.document.check()
    test.put('start')
    await test.document.check()
    expect(test.state).toBe('modified')
  })

  it('keeps the text of a file that has gone, and makes it again', async () => {
    const test = open()
    test.put(undefined)
    await test.document.check()
    expect([test.text, test.state, test.document.isUnsaved]).toEqual(['start', 'gone', true])
    await test.document.save()
    expect([test.disk, test.state]).toEqual(['start', 'unchanged'])
    expect(test.writes).toEqual([['start', undefined]])
  })

  it('finds a file again that was away for a moment', async () => {
    const test = open()
    test.put(undefined)
    await test.document.check()
    test.put('start')
    await test.document.check()
    expect(test.state).toBe('unchanged')
  })

  it('takes a file that is deleted and written anew, as Git does, and asks only if it was changed here', async () => {
    const test = open()
    for (const text of ['anew', 'once more']) {
      test.put(undefined)
      await test.document.check()
      test.put(text)
      await test.document.check()
    }
    expect([test.text, test.state]).toEqual(['once more', 'unchanged'])
    test.type('mine')
    test.put(undefined)
    await test.document.check()
    test.put('another')
    await test.document.check()
    expect([test.text, test.state]).toEqual(['mine', 'conflict'])
  })

  it('is saved after all when the answer was lost on its way', async () => {
    const test = open()
    test.type('mine')
    test.fail(new RequestError('DISCONNECTED', 'There is no connection'))
    await test.document.save()
    expect(test.state).toBe('waiting')
    await test.document.check()
    test.fail(undefined)
    test.put('mine')
    await test.document.check()
    expect([test.state, test.writes.length]).toEqual(['unchanged', 1])
  })

  it('is saved, as it is by then, when the connection is back', async () => {
    const test = open()
    test.type('mine')
    test.fail(new RequestError('DISCONNECTED', 'There is no connection'))
    await test.document.save()
    test.type('mine, and more')
    expect(test.state).toBe('waiting')
    test.fail(undefined)
    await test.document.check()
    expect([test.state, test.disk]).toEqual(['unchanged', 'mine, and more'])
  })

  it.each([['theirs', 'conflict'], [undefined, 'gone']])('is not saved over what happened meanwhile: %s', async (disk, state) => {
    const test = open()
    test.type('mine')
    test.fail(new RequestError('DISCONNECTED', 'There is no connection'))
    await test.document.save()
    test.fail(undefined)
    test.put(disk)
    await test.document.check()
    expect([test.text, test.disk, test.state]).toEqual(['mine', disk, state])
  })

  it('needs no saving any more when it is taken back while there is no connection', async () => {
    const test = open()
    test.type('mine')
    test.fail(new RequestError('DISCONNECTED', 'There is no connection'))
    await test.document.save()
    test.fail(undefined)
    test.type('start')
    await test.document.check()
    test.type('other')
    expect([test.state, test.disk]).toEqual(['modified', 'start'])
  })

  it('passes on what the server refuses, and stays as it is', async () => {
    const test = open()
    test.type('mine')
    test.fail(new RequestError('PROJECT_TOO_LARGE', 'There is no room'))
    await expect(test.document.save()).rejects.toThrow('There is no room')
    await expect(test.document.check()).rejects.toThrow('There is no room')
    expect(test.state).toBe('modified')
  })

  it('reads nothing that it knows', async () => {
    const test = open()
    test.type('mine')
    await test.document.save()
    test.fail(new Error('was read'))
    await test.document.check(test.etag)
    expect(test.state).toBe('unchanged')
  })

  it('reads when one of several changes that come at once is not its own', async () => {
    const test = open()
    test.put('theirs')
    await Promise.all([test.document.check('v1'), test.document.check(test.etag)])
    expect(test.text).toBe('theirs')
  })
})
