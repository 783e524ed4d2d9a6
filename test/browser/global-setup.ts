import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'vite'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** The web pages, as they are in the tree. */
    webDirectory: string
  }
}

const root = path.join(import.meta.dirname, '../..')

export default async function setup (project: TestProject): Promise<() => Promise<void>> {
  const webDirectory = await mkdtemp(path.join(tmpdir(), 'built-pages-'))
  await build({ configFile: path.join(root, 'vite.config.ts'), build: { outDir: webDirectory } })
  await build({ configFile: path.join(root, 'packages/elements/vite.config.ts'), build: { outDir: path.join(webDirectory, 'elements') } })
  project.provide('webDirectory', webDirectory)
  return async () => await rm(webDirectory, { recursive: true })
}
