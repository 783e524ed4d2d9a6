import { describe, expect, it } from 'vitest'
import { explainFailure } from '../../../src/projects/git/clone/explain.ts'
import { createProgressReader, type CloneProgress } from '../../../src/projects/git/clone/progress.ts'

const OUTPUT = [
  "Cloning into '.berth-clone'...\n",
  'remote: Enumerating objects: 1204, done.\x1b[K\n',
  'remote: Counting objects:   0% (1/1204)\x1b[K\rremote: Counting objects: 100% (1204/1204), done.\x1b[K\n',
  'Receiving objects:  49% (590/1204)\rReceiving objects:  50% (602/1204), 1.20 MiB | 2.40 MiB/s\rReceiving objects:  50% (610/1204), 1.30 MiB | 2.40 MiB/s\r',
  'Receiving objects: 100% (1204/1204), 2.40 MiB | 2.40 MiB/s, done.\n',
  'Resolving deltas: 100% (7/7), done.\n',
  'Updating files: 100% (900/900), done.\n'
].join('')

function read (bytes: Uint8Array, size: number): { progress: CloneProgress[], messages: readonly string[] } {
  const progress: CloneProgress[] = []
  const reader = createProgressReader((one) => progress.push(one))
  for (let offset = 0; offset < bytes.length; offset += size) reader.write(bytes.subarray(offset, offset + size))
  return { progress, messages: reader.end() }
}

describe('the progress of a clone', () => {
  it.each([1, 2, 3, 7, 64, 10_000])('is the same however it is cut: in pieces of %d bytes', (size) => {
    const { progress, messages } = read(Buffer.from(OUTPUT), size)
    expect(progress.map(({ stage, percent }) => `${stage} ${percent}`)).toEqual([
      'counting null', 'counting 0', 'counting 100', 'receiving 49', 'receiving 50', 'receiving 100', 'resolving 100', 'writing 100'
    ])
    expect(messages).toEqual(["Cloning into '.berth-clone'..."])
  })

  it('carries no control characters of the server, and not much of its text', () => {
    const { progress } = read(Buffer.from(`remote: Counting objects:   7% (7/100)\x1b]0;title\x07 ${'x'.repeat(1000)}\n`), 50)
    expect(progress).toEqual([{ stage: 'counting', percent: 7, message: expect.stringMatching(/^remote: Counting objects: {3}7% \(7\/100\)\]0;title x+$/) }])
    expect(progress[0]?.message.length).toBe(200)
  })

  it('never passes 100 %', () => {
    expect(read(Buffer.from('remote: Counting objects: 999% (9/1)\r'), 5).progress).toMatchObject([{ percent: 100 }])
  })

  it('keeps the newest lines that are none, whole characters in them', () => {
    const lines = Array.from({ length: 30 }, (_, n) => `remote: zwölf ${n}`)
    const { messages } = read(Buffer.from(lines.join('\n')), 1)
    expect(messages).toEqual(lines.slice(-20))
  })
})

describe('a failed clone', () => {
  const repository = { url: 'https://example.org/a.git', ref: 'nowhere' }

  // As git 2.47 prints them.
  it.each([
    ['warning: Could not find remote branch nowhere to clone.\nfatal: Remote branch nowhere not found in upstream origin', /no branch or tag "nowhere"/],
    ['fatal: remote error: upload-pack: not our ref aaaa', /no branch or tag "nowhere"/],
    ["fatal: could not read Username for 'https://example.org': terminal prompts disabled", /private, or not there/],
    ['git@example.org: Permission denied (publickey).\nfatal: Could not read from remote repository.', /private, or not there/],
    ["remote: Repository not found.\nfatal: repository 'https://example.org/a.git/' not found", /no repository at this address/],
    ["fatal: unable to access 'https://example.org/a.git/': Could not resolve host: example.org", /no such host/],
    ["fatal: unable to access 'http://10.0.0.1/': Failed to connect to 10.0.0.1 port 80 after 0 ms: Couldn't connect to server", /cannot be reached/],
    ['fatal: write error: No space left on device', /no space left/],
    ['remote: hello\nfatal: something \x1b[31mnew\nremote: bye', /^git says: fatal: something \[31mnew$/],
    ['only this', /^git says: only this$/],
    ['', /without saying why/]
  ])('is explained from %j', (said, reason) => {
    expect(explainFailure(said === '' ? [] : said.split('\n'), repository)).toMatch(reason)
  })
})
