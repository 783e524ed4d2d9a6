import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const AGENT = join(import.meta.dirname, '../../../sandbox-images/agent')
const SOURCES = join(AGENT, 'src')

test('a room of the agent includes only from itself and from those before it', async () => {
  const makefile = await readFile(join(AGENT, 'Makefile'), 'utf8')
  const rooms = /^ROOMS = (.+)$/m.exec(makefile)?.[1]?.split(' ') ?? []
  const files = (await readdir(SOURCES, { recursive: true, withFileTypes: true })).filter((entry) => /\.[ch]$/.test(entry.name))
  const upwards: string[] = []
  for (const { parentPath, name } of files) {
    const room = relative(SOURCES, parentPath)
    // What puts the rooms together may include from all of them.
    if (room === '') continue
    const text = await readFile(join(parentPath, name), 'utf8')
    for (const [, included = ''] of text.matchAll(/^#include "(.+)"$/gm)) {
      const isBelow = rooms.slice(0, rooms.indexOf(room) + 1).includes(dirname(included))
      if (!isBelow) upwards.push(`${room}/${name}: ${included}`)
    }
  }
  expect(rooms).toContain('core')
  expect(new Set(files.map(({ parentPath }) => relative(SOURCES, parentPath)))).toEqual(new Set(['', ...rooms]))
  expect(upwards).toEqual([])
})
