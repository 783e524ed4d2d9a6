import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Deed } from './guest.ts'
import type { Step } from './grammar.ts'

const FOLDER = join(import.meta.dirname, 'corpus')

/** The conversations that are kept, by name. */
export async function loadCorpus (): Promise<Map<string, Step[]>> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).sort()
  return new Map(await Promise.all(names.map(async (name) => [name, decodeSteps(await readFile(join(FOLDER, name), 'utf8'))] as const)))
}

export async function keep (steps: readonly Step[]): Promise<void> {
  const text = encodeSteps(steps)
  await writeFile(join(FOLDER, `${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`), text)
}

/** One line for each step. */
export function encodeSteps (steps: readonly Step[]): string {
  return `[\n${steps.map(({ frames, deeds, pauseMs }) => JSON.stringify([frames.toString('base64'), deeds, pauseMs])).join(',\n')}\n]\n`
}

function decodeSteps (text: string): Step[] {
  return (JSON.parse(text) as Array<[string, Deed[], number]>).map(([frames, deeds, pauseMs]) => ({ frames: Buffer.from(frames, 'base64'), deeds, pauseMs }))
}
