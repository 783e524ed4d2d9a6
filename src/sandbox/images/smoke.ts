import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Runtime } from './catalogue.ts'

const INPUT = 'input.txt'
const OUTPUT = 'output.txt'

/** A runtime's own proof that it works: a program, its input, and exactly what it must print. */
export interface Smoke {
  /** The main file first. */
  readonly files: readonly { readonly path: string, readonly content: string }[]
  readonly input: string
  readonly output: string
}

/** Reads the runtime's smoke/ folder: its main file, further sources, input.txt and output.txt. */
export async function loadSmoke ({ folder, mainFile }: Runtime): Promise<Smoke> {
  const directory = join(folder, 'smoke')
  const read = async (path: string): Promise<string> => await readFile(join(directory, path), 'utf8')
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const others = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .filter((path) => ![mainFile, INPUT, OUTPUT].includes(path))
    .sort()
  return {
    files: await Promise.all([mainFile, ...others].map(async (path) => ({ path, content: await read(path) }))),
    input: await read(INPUT),
    output: await read(OUTPUT)
  }
}
