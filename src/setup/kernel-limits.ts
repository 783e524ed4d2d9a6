import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from './host.ts'

/**
 * Every sandbox has a user of its own, so that the first two are what one project can have; the last one is for all of
 * them together. What they take is memory that counts towards each sandbox's own limit.
 */
const WANTED: Readonly<Record<string, number>> = {
  'fs.inotify.max_user_instances': 1024,
  'fs.inotify.max_user_watches': 524_288,
  'kernel.pty.max': 65_536
}

export interface KernelLimits {
  readonly host: Pick<Host, 'isRoot'>
  readonly env: NodeJS.ProcessEnv
  readonly report: (line: string) => void
  readonly directory?: string
}

interface LowLimit {
  readonly name: string
  readonly current: number
  readonly wanted: number
}

/** Those that many projects would meet. */
export async function readLowLimits (directory = '/proc/sys'): Promise<LowLimit[]> {
  const limits = await Promise.all(Object.entries(WANTED).map(async ([name, wanted]) => ({ name, wanted, current: await readLimit(fileOf(directory, name)) ?? wanted })))
  return limits.filter(({ current, wanted }) => current < wanted)
}

/** Raises the machine's limits until its next start, where this is the Engine's machine and it may. Never lowers one. */
export async function raiseKernelLimits ({ host, env, report, directory = '/proc/sys' }: KernelLimits): Promise<void> {
  if ((env['DOCKER_HOST'] ?? '') !== '') return
  for (const { name, current, wanted } of await readLowLimits(directory)) {
    const advice = `${name} is ${current}; for many projects at once run: sysctl -w ${name}=${wanted}`
    if (!host.isRoot) {
      report(advice)
      continue
    }
    try {
      await writeFile(fileOf(directory, name), String(wanted))
      report(`${name} raised from ${current} to ${wanted} until the next boot`)
    } catch {
      // Such as in a container, where /proc/sys is read-only.
      report(advice)
    }
  }
}

const fileOf = (directory: string, name: string): string => join(directory, name.replaceAll('.', '/'))

/** Undefined where the kernel has no such limit. */
async function readLimit (file: string): Promise<number | undefined> {
  try {
    return Number(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}
