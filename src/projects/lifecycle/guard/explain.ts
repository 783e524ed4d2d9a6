import type { FileUsage } from '../../../sandbox/agent-protocol.ts'
import { hardLimits, type GuardLimits } from './plan.ts'

const ADVICE = 'Delete files by the list of files or DELETE /projects/:id/files/<path>, which work while it is stopped, then start it again'

/** What the project's owner is told. The guard does not count further than it has to. */
export function explainTooLarge (usage: FileUsage, limits: GuardLimits): string {
  const what = usage.bytes > hardLimits(limits).bytes
    ? `its files take more than the ${limits.bytes} bytes of the disk that they may`
    : `it has more than the ${limits.entries} files that it may`
  return `The project was stopped, as ${what}. ${ADVICE}`
}

export function explainTooDeep (): string {
  return `The project was stopped, as it has directories nested so deep that nobody can tell what they take of the disk. ${ADVICE}`
}

export function explainNoSpace (): string {
  return `The project was stopped, as the server's disk was nearly full and it went on to write. ${ADVICE}, when there is space`
}
