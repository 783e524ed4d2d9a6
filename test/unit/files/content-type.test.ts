import { expect, it } from 'vitest'
import { contentDisposition } from '../../../src/http/content-disposition.ts'
import { contentTypeOf } from '../../../src/projects/files/content-type.ts'

it.each([
  ['index.html', 'text/html; charset=utf-8'],
  ['src/app.ts', 'text/plain; charset=utf-8'],
  ['main.py', 'text/plain; charset=utf-8'],
  ['data.JSON', 'application/json; charset=utf-8'],
  ['plot.svg', 'image/svg+xml; charset=utf-8'],
  ['plot.png', 'image/png'],
  ['Makefile', 'application/octet-stream'],
  ['dir.py/file', 'application/octet-stream']
])('%s is served as %s', (path, type) => {
  expect(contentTypeOf(path)).toBe(type)
})

it.each([
  ['plain name.txt', 'inline; filename="plain name.txt"; filename*=UTF-8\'\'plain%20name.txt'],
  ['"; x="1', 'inline; filename="__ x__1"; filename*=UTF-8\'\'%22%3B%20x%3D%221'],
  ['a\r\nSet-Cookie: b', 'inline; filename="a__Set-Cookie_ b"; filename*=UTF-8\'\'a%0D%0ASet-Cookie%3A%20b'],
  ['ü\'(1)*', 'inline; filename="___1__"; filename*=UTF-8\'\'%C3%BC%27%281%29%2A'],
  ['\udcff', 'inline; filename="_"; filename*=UTF-8\'\'%EF%BF%BD']
])('the name %j stays within its header', (name, header) => {
  expect(contentDisposition('inline', name)).toBe(header)
})
