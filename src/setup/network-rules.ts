import { CommandError } from './command.ts'
import type { Host } from './host.ts'
import { SetupError, type Packages } from './packages.ts'

/**
 * What keeps projects from this host and its networks: rules that the server sets by nft. Without it Berth runs all the
 * same, and says at its start what projects lack, so a failure here is told and nothing more.
 */
export async function ensureNetworkRules ({ host, isEngineElsewhere, hasNft, packages, report }: {
  host: Host
  isEngineElsewhere: boolean
  hasNft: boolean
  packages: Packages
  report: (line: string) => void
}): Promise<void> {
  if (hasNft || isEngineElsewhere || !host.isRoot || !host.isDebian) return
  report('installing nftables')
  try {
    await packages.install(['nftables'], 'The rules of projects\' network need nft')
  } catch (error) {
    if (!(error instanceof SetupError) && !(error instanceof CommandError)) throw error
    report(`nftables could not be installed: ${error.message}`)
  }
}
