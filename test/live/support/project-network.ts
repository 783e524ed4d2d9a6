import type { Berth } from './berth.ts'

/** Whether projects have a network: not where the Engine is on another machine, whose packet filter is not to be reached. */
export async function haveProjectsNetwork (berth: Berth): Promise<boolean> {
  const { network } = await (await berth.get('/api/system')).json() as { network: { enforcedBy: string | null } }
  return network.enforcedBy !== null
}

export const NO_NETWORK = 'projects have no network with an Engine on another machine'
