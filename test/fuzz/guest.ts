import { chmodSync, linkSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Random } from './random.ts'

/** What a hostile program does to the files meanwhile, by name, so that a case can be kept and played again. */
export type Deed = readonly [name: keyof typeof deeds, a: string, b: string]

// Few, so that frames and deeds meet. None leads out by itself; a link does.
export const PATHS = ['', 'w', 'v', 'w/a', 'w/b', 'w/a/c', 'v/a', 'd', 'd/e', 'd/e/f', 'link', 'link/x', 'file', '.berth-write-0'] as const
const PLACES = PATHS.filter((path) => path !== '')

const makeDirectory = (path: string): void => {
  mkdirSync(path, { recursive: true })
  // The agent has another user id than the test.
  chmodSync(path, 0o777)
}

const fill = (path: string): void => {
  for (let i = 0; i < 30; i++) writeFileSync(join(path, `f${i}`), 'x')
}

const deeds = {
  makeDirectory,
  write: (path: string) => writeFileSync(path, 'x'.repeat(1000), { mode: 0o666 }),
  fill,
  remove: (path: string) => rmSync(path, { recursive: true, force: true }),
  move: (path: string, to: string) => renameSync(path, to),
  moveAndBack: (path: string) => {
    renameSync(path, `${path}-away`)
    renameSync(`${path}-away`, path)
  },
  fillAndMoveAndBack: (path: string) => {
    makeDirectory(path)
    fill(path)
    renameSync(path, `${path}-away`)
    renameSync(`${path}-away`, path)
  },
  leadOut: (path: string) => symlinkSync('../outside', path),
  leadAround: (path: string, to: string) => symlinkSync(to, path),
  link: (path: string, to: string) => linkSync(path, to),
  truncate: (path: string, _to: string) => truncateSync(path, 3),
  close: (path: string) => chmodSync(path, 0o000)
}

export function chooseDeed (random: Random, place: string = random.pick(PLACES)): Deed {
  return [random.pick(Object.keys(deeds) as Array<keyof typeof deeds>), place, random.pick(PLACES)]
}

/** What there is at first. */
export function furnish (root: string): void {
  for (const path of ['w/a', 'v', 'd/e']) makeDirectory(join(root, path))
  for (const path of ['w', 'd']) chmodSync(join(root, path), 0o777)
  writeFileSync(join(root, 'file'), 'content')
}

/** What cannot be done now is left undone, and so is what would follow a link out: that is for the agent to be tempted by. */
export function doDeed (root: string, [name, a, b]: Deed): void {
  try {
    if (staysInside(root, name, a) && staysInside(root, name, b)) deeds[name](join(root, a), join(root, b))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
  }
}

const FOLLOWS_NO_LINK = new Set<keyof typeof deeds>(['remove', 'move', 'moveAndBack', 'leadOut', 'leadAround'])

function staysInside (root: string, name: keyof typeof deeds, path: string): boolean {
  const full = join(root, path)
  if (path.includes('/') && !realpathSync(dirname(full)).startsWith(root)) return false
  return FOLLOWS_NO_LINK.has(name) || lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink() !== true
}
