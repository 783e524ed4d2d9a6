import { describe, expect, it } from 'vitest'
import { parsePreviewHost, previewHostname } from '../../../src/projects/preview/address.ts'
import { createOrigins } from '../../../src/projects/preview/origins.ts'
import { localPath } from '../../../src/http/local-path.ts'

const id = '0fb1b7a2-5c1f-4f0e-9d55-0d6f8a3c2b11'
const address = { projectId: id, port: 3000 }

describe('the name of a preview', () => {
  it.each<[string, ReturnType<typeof parsePreviewHost>]>([
    [`3000--${id}.localhost`, address],
    [`3000--${id}.localhost:8080`, address],
    [`3000--${id.toUpperCase()}.LocalHost`, address],
    [`65535--${id}.localhost`, { projectId: id, port: 65_535 }],
    ['localhost', undefined],
    ['localhost:3000', undefined],
    ['127.0.0.1:3000', undefined],
    ['[::1]:3000', undefined],
    ['api.localhost', undefined],
    [`3000--${id}.example.org`, undefined],
    [`3000--${id}.notlocalhost`, undefined],
    ['', undefined],
    [`0--${id}.localhost`, 'invalid'],
    [`65536--${id}.localhost`, 'invalid'],
    [`03000--${id}.localhost`, 'invalid'],
    [`+1--${id}.localhost`, 'invalid'],
    [`3000--${id}.localhost.`, 'invalid'],
    [`3000--${id}.localhost..:80`, 'invalid'],
    [`3000--${id}x.localhost`, 'invalid'],
    [`x.3000--${id}.localhost`, 'invalid'],
    ['3000--.localhost', 'invalid'],
    ['--.localhost', 'invalid']
  ])('%j is read as %j', (host, expected) => {
    expect(parsePreviewHost(host, 'localhost')).toEqual(expected)
  })

  it('is read back as it was written, in any domain', () => {
    expect(parsePreviewHost(previewHostname(address, 'preview.example.org'), 'preview.example.org')).toEqual(address)
  })
})

describe('origins', () => {
  it('are those of the port that was asked for, or that is listened on', () => {
    const origins = createOrigins({ domain: 'localhost', publicUrl: undefined, listeningPort: () => 3000 })
    expect([origins.api(), origins.preview(address)]).toEqual(['http://localhost:3000', `http://3000--${id}.localhost:3000`])
    expect([origins.api('127.0.0.1:8080'), origins.preview(address, '[::1]:8080')]).toEqual(['http://localhost:8080', `http://3000--${id}.localhost:8080`])
    expect(origins.api('berth.example.org')).toBe('http://localhost')
  })

  it('follow PUBLIC_URL, whoever asks', () => {
    const origins = createOrigins({ domain: 'preview.example.org', publicUrl: 'https://berth.example.org/', listeningPort: () => 3000 })
    expect(origins.api('evil.example:99')).toBe('https://berth.example.org')
    expect(origins.preview(address, 'evil.example:99')).toBe(`https://3000--${id}.preview.example.org`)
  })
})

it.each<[string | null, string]>([
  ['/', '/'],
  ['/a/b?c=d#e', '/a/b?c=d#e'],
  ['//elsewhere', '/'],
  ['/\\elsewhere', '/'],
  ['https://elsewhere', '/'],
  ['', '/'],
  ['/a b', '/'],
  ['/a\r\nSet-Cookie: x', '/'],
  [null, '/']
])('the path %j leads to %j', (path, expected) => {
  expect(localPath(path)).toBe(expected)
})
