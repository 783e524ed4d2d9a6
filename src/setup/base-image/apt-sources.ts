import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * debootstrap knows the release only; what was mended since is in two more suites. The mirror is the one that it has
 * chosen, and security updates lie beside it on a mirror of the usual layout.
 */
function updateSources (releaseLine: string, suite: string): string {
  const [type, mirror = '', , ...components] = releaseLine.trim().split(/\s+/)
  const line = (...words: string[]): string => [type, ...words, ...components].join(' ')
  return [
    line(mirror, suite),
    line(mirror, `${suite}-updates`),
    line(`${mirror.replace(/\/$/, '')}-security`, `${suite}-security`)
  ].join('\n') + '\n'
}

/** Adds them and upgrades; a mirror without them leaves the plain release. */
export async function addUpdates (root: string, suite: string, runInRoot: (command: string[]) => Promise<void>): Promise<void> {
  const file = join(root, 'etc/apt/sources.list')
  const release = await readFile(file, 'utf8')
  await writeFile(file, updateSources(release, suite))
  try {
    // By default apt-get says that all is well when it could not fetch an index.
    await runInRoot(['apt-get', 'update', '-o', 'APT::Update::Error-Mode=any'])
  } catch {
    await writeFile(file, release)
    return
  }
  await runInRoot(['apt-get', 'upgrade', '-y', '--no-install-recommends'])
}
