import type { ProjectsOptions } from '../../../src/projects/index.ts'
import { loadCatalogue } from '../../../src/sandbox/images/catalogue.ts'
import { imagesDirectory, startBerth, type Berth, type Settings } from '../support/berth.ts'
import type { Variables } from '../../support/variables.ts'

export type { Berth }

/** A Berth that makes projects of every language and keeps no run sandboxes, which are not what is tested here. */
export async function startProjectsBerth (env: Variables = {}, { lifecycle, settings }: { lifecycle?: ProjectsOptions['lifecycle'], settings?: Settings } = {}): Promise<Berth> {
  const { find } = await loadCatalogue(imagesDirectory)
  return await startBerth(env, { catalogue: { runtimes: [], find }, ...(lifecycle === undefined ? {} : { lifecycle }), ...(settings === undefined ? {} : { settings }) })
}
