import { lstat, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import type { DockerClient } from '../../src/docker/index.ts'
import { modeOf } from '../../src/sandbox/images/context.ts'
import { imageReference } from '../../src/sandbox/images/lookup.ts'
import { proxyArguments } from '../../src/sandbox/images/proxies.ts'
import { BASE_IMAGE, type ImageSpecs } from '../../src/sandbox/images/resolve.ts'

const root = path.join(import.meta.dirname, '../..')
export const BERTH_IMAGE = 'berth/server:test'
const OUTPUT_PARTS = 30

/** What `.dockerignore` lets through. */
async function contextFiles (): Promise<string[]> {
  const rules = (await readFile(path.join(root, '.dockerignore'), 'utf8')).split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1))
  const files = await Promise.all(rules.map(async (name) => {
    if ((await lstat(path.join(root, name))).isFile()) return [name]
    const entries = await readdir(path.join(root, name), { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
  }))
  return ['Dockerfile', ...files.flat()].sort()
}

/** Builds Berth's image as `docker build` would, on the images that are here without a registry. What has not changed is not built again. */
export async function buildBerthImage (docker: DockerClient, specs: ImageSpecs): Promise<void> {
  const context = pack()
  const sending = (async () => {
    for (const name of await contextFiles()) {
      const file = path.join(root, name)
      const mode = modeOf(((await lstat(file)).mode & 0o100) !== 0)
      const content = await readFile(file)
      await new Promise<void>((resolve, reject) => {
        context.entry({ name, mtime: new Date(0), mode }, content, (error) => error == null ? resolve() : reject(error))
      })
    }
    context.finalize()
  })()
  const buildArgs = { ...proxyArguments(process.env), BUILD: imageReference(specs, 'javascript'), BASE: imageReference(specs, BASE_IMAGE) }
  const printed: string[] = []
  try {
    for await (const { stream } of docker.images.build(Readable.from(context, { objectMode: false }), { tags: [BERTH_IMAGE], buildArgs })) if (stream !== undefined) printed.push(stream)
  } catch (error) {
    throw new Error(printed.slice(-OUTPUT_PARTS).join(''), { cause: error })
  }
  await sending
}
