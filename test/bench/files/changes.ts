import { watch } from 'node:fs'
import path from 'node:path'
import { projectVolumeName } from '../../../src/sandbox/container-spec.ts'
import type { Notice } from '../../../src/protocols/files.ts'
import { openFiles, type FilesClient } from '../../support/files-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { reportLine, type Print } from '../measure.ts'
import { withScene, type Scene } from './scene.ts'

const WRITES = 300
const WRITE_EVERY_S = 0.02
const PACKAGES = 500
const FILES_PER_PACKAGE = 20

// The name of each file says when it was made, by the clock that this process has too.
const MAKE_FILES = `
import time
for _ in range(${WRITES}):
  open(f"at-{time.time_ns()}", "w").close()
  time.sleep(${WRITE_EVERY_S})`

const INSTALL = `
import os
for p in range(${PACKAGES}):
  os.makedirs(f"node_modules/package-{p}/lib")
  for f in range(${FILES_PER_PACKAGE}):
    with open(f"node_modules/package-{p}/" + ("lib/" if f % 2 else "") + f"file-{f}.js", "w") as file: file.write("x" * 512)`

/** How soon a client hears of what a program does, and whether it hears of all of it. */
export async function benchChanges (print: Print): Promise<void> {
  await withScene(async (scene) => {
    const files = await openFiles(scene.server.origin, scene.projectId, scene.server.key)
    files.say({ type: 'watch', path: '/', exclude: [] })
    await files.hears('watching')
    await benchEvents(print, scene, files)
    await benchInstall(print, scene, files)
    await files.close()
  })
}

async function benchEvents (print: Print, { docker, user, projectId }: Scene, files: FilesClient): Promise<void> {
  const bare = createClock()
  const ours = createClock()
  const { Mountpoint } = await docker.volumes.inspect(projectVolumeName(projectId))
  const watcher = watch(Mountpoint, (_event, name) => bare.heard(name ?? ''))
  files.listen((message) => { if (message.type === 'change') ours.heard(message.path) })
  await user.exec(projectId, ['python3', '-c', MAKE_FILES])
  await waitFor('all changes', () => ours.samples().length === WRITES)
  watcher.close()
  print(`from a file made in the container to whoever watches, ${WRITES} files, milliseconds`)
  print(reportLine('inotify in this process, on the volume', bare.samples()))
  print(reportLine('our socket (target 10 ms)', ours.samples(), bare.samples()))
}

/** For each file, the time from its making to the first that was heard of it. */
function createClock () {
  const heard = new Map<string, number>()
  return {
    heard: (name: string): void => {
      const made = /^at-(\d+)$/.exec(path.basename(name))?.[1]
      if (made === undefined || heard.has(made)) return
      heard.set(made, performance.timeOrigin + performance.now() - Number(BigInt(made) / 1000n) / 1000)
    },
    samples: (): number[] => [...heard.values()]
  }
}

async function benchInstall (print: Print, { user, projectId }: Scene, files: FilesClient): Promise<void> {
  const created = new Set<string>()
  let overflows = 0
  files.listen((message: Notice) => {
    if (message.type === 'overflow') overflows++
    if (message.type === 'change' && message.kind === 'created' && message.entryType === 'file') created.add(message.path)
  })
  const start = performance.now()
  const { executionTime, error } = await user.exec(projectId, ['python3', '-c', INSTALL])
  if (error !== '') throw new Error(error)
  const total = PACKAGES * FILES_PER_PACKAGE
  await waitFor('every file, or an overflow', () => created.size === total || overflows > 0, 30_000)
  const seconds = (performance.now() - start) / 1000
  print(`${total} files in ${PACKAGES} new directories, made in ${(executionTime / 1000).toFixed(2)} s: ${created.size} heard of within ${seconds.toFixed(2)} s, ${overflows} overflows`)
}
