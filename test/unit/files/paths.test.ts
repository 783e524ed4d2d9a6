import { describe, expect, it } from 'vitest'
import { routableUrl } from '../../../src/http/routable-url.ts'
import { parseDirectory, parsePath, pathOfUrl, pathToText } from '../../../src/projects/core/paths.ts'

describe('a path of a client', () => {
  it.each(['a', 'a b/ü.txt', 'new\nline', 'back\\slash', '-rf', '...', '.hidden', 'a/.berthed', 'x'.repeat(255)])('may be %j', (path) => {
    expect(parsePath(path).toString()).toBe(path)
  })

  it.each([
    ['', 'names the project itself'],
    ['/etc/passwd', 'is absolute'],
    ['../x', 'has ".." in it'],
    ['a/../b', 'has ".." in it'],
    ['a/./b', 'has "." in it'],
    ['a//b', 'has an empty name'],
    ['a/', 'has an empty name'],
    ['a\0b', 'has a NUL byte'],
    ['x'.repeat(256), 'longer than 255 bytes'],
    [Array(2100).fill('a').join('/'), 'longer than 4095 bytes'],
    ['a/.berth-1f', 'begins with ".berth-"'],
    ['\ud800', 'is not valid Unicode'],
    ['\udc7f', 'is not valid Unicode']
  ])('%j is refused, as it %s', (path, problem) => {
    expect(() => parsePath(path)).toThrow(problem)
  })

  it('of a directory may be the project itself, and end with a slash', () => {
    expect(parseDirectory('').length).toBe(0)
    expect(parseDirectory('/').length).toBe(0)
    expect(parseDirectory('src/').toString()).toBe('src')
    expect(() => parseDirectory('/src')).toThrow('is absolute')
    expect(() => parseDirectory('src//')).toThrow('empty name')
  })
})

describe('a name that is not UTF-8', () => {
  it.each([
    ['latin-1', Buffer.from([0x66, 0xfc, 0x72])],
    ['cut in a character', Buffer.from([0x61, 0xe2, 0x82])],
    ['with an encoded surrogate', Buffer.from([0xed, 0xb3, 0xbf])],
    ['with what comes before and after', Buffer.concat([Buffer.from('ü/€ 😀'), Buffer.of(0xff), Buffer.from('/z')])]
  ])('%s comes back as the same bytes', (_, bytes) => {
    const text = pathToText(bytes)
    expect(parsePath(JSON.parse(JSON.stringify(text)) as string)).toEqual(bytes)
  })

  it('looks as Python shows it', () => {
    expect(pathToText(Buffer.from([0x61, 0xff]))).toBe('a\udcff')
  })

  it('cannot smuggle what a valid one may not be', () => {
    expect(() => parsePath('\udcaf/..')).toThrow('has ".." in it')
  })
})

describe('the path in a URL', () => {
  it.each([
    ['/projects/1/files/a/b', 'a/b'],
    ['/projects/1/files/a%20b/%C3%BC?download=true', 'a b/ü'],
    ['http://host/projects/1/files/a', 'a'],
    ['/projects/1/%66iles/a', 'a'],
    ['/projects/1/files/a+b%0A', 'a+b\n'],
    ['/projects/1/files/%2e%2e/x', '../x'],
    ['/projects/1/files/a/', 'a/'],
    ['/projects/1/files/caf%E9%c3%a9/%FF', 'caf\udce9é/\udcff'],
    ['/projects/1/files/%ED%B3%BF', '\udced\udcb3\udcbf']
  ])('%s is %j', (url, path) => {
    expect(pathOfUrl(url)).toBe(path)
  })

  it.each(['/projects/1/files/..%2fx', '/projects/1/files/a%2Fb', '/projects/1/files/%ff%2F', '/projects/1/files/%zz', '/projects/1/files/%f'])('%s is refused', (url) => {
    expect(() => pathOfUrl(url)).toThrow(expect.objectContaining({ code: 'BAD_PATH' }))
  })
})

describe('the URL for the router', () => {
  it.each([
    ['/projects/1/files/%FF?a=%FF', '/projects/1/files/%25FF?a=%FF'],
    ['/projects/1/files/%C3%BC/%zz', '/projects/1/files/%25C3%25BC/%25zz']
  ])('of %s is %s, which it takes', (url, routable) => {
    expect(routableUrl(url)).toBe(routable)
  })

  it.each(['/', '*', '/projects/1/files/%C3%BC%25?q=%FF', '/projects/1/files/', '/projects/%FF/files/a', '/other/%FF', 'http://host/projects/1/files/%FF'])('of %s is as it was sent', (url) => {
    expect(routableUrl(url)).toBe(url)
  })
})
