import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { deriveReserve, isBelowReserve } from '../../disk/reserve.ts'
import type { Egress } from '../../lib/egress.ts'
import { createHostNetfilter } from '../../sandbox/network/netfilter.ts'
import { readLowLimits } from '../../setup/kernel-limits.ts'
import { broken, ok, weak, type Finding } from './finding.ts'

const GB = 1024 ** 3

/** Of the file system on which the directory is, or will be. */
export async function checkDisk (name: string, directory: string, reserveBytes: number | undefined): Promise<Finding> {
  const found = await statfs(directory).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) {
    const parent = dirname(resolve(directory))
    if (found.code === 'ENOENT' && parent !== directory) return await checkDisk(name, parent, reserveBytes)
    return weak(name, `${directory} cannot be looked at: ${found.message}`, 'run as the user that the server runs as')
  }
  const { bsize, blocks, bavail, files, ffree } = found
  const space = { totalBytes: blocks * bsize, freeBytes: bavail * bsize, totalInodes: files, freeInodes: ffree }
  const reserve = reserveBytes ?? deriveReserve(space.totalBytes)
  const described = `${directory}: ${(space.freeBytes / GB).toFixed(1)} of ${(space.totalBytes / GB).toFixed(1)} GB free, of which ${(reserve / GB).toFixed(1)} GB stay free`
  return isBelowReserve(space, reserveBytes)
    ? broken(name, described, 'nothing that needs space is begun: make room, or lower DISK_RESERVE')
    : ok(name, described)
}

export async function checkLimits (): Promise<Finding[]> {
  const low = await readLowLimits()
  if (low.length === 0) return [ok('limits', 'inotify and terminals are enough for many projects')]
  return low.map(({ name, current, wanted }) => weak('limits', `${name} is ${current}`, `for many projects at once: sysctl -w ${name}=${wanted}, which berth setup does as root`))
}

/** Whether what projects may reach can be enforced from here. */
export async function checkFilter (egress: Egress, networkMode: string): Promise<Finding> {
  if (networkMode === 'none' || egress.kind === 'none') return ok('network', 'projects are to have none')
  const problem = await createHostNetfilter().problem()
  if (problem === undefined) return ok('network', 'packet filter rules can be set')
  return egress.kind === 'unfiltered'
    ? weak('network', `no rules, as SANDBOX_EGRESS says (${problem})`, 'projects reach this host and its networks')
    : weak('network', `packet filter rules cannot be set (${problem}), so that projects have no network`, 'run Berth as root beside the Engine, in the host\'s network and with nftables installed')
}
