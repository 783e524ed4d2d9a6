import semver from 'semver'
import type { Static } from 'typebox'
import type { Catalogue } from '../../sandbox/images/catalogue.ts'
import type { Readiness, ReadyRuntime } from '../languages/readiness.ts'
import { refuse } from './refuse.ts'
import type { JobRequest } from './request.ts'
import type { RuntimesSchema } from './schemas.ts'

// A hostile selector is slow to parse and long to repeat in a message.
const MAX_CHARACTERS = 64

export interface Languages {
  readonly catalogue: Catalogue
  readonly readiness: Readiness
}

/** The languages that can be run now; Piston lists what is installed. */
export function listRuntimes ({ catalogue, readiness }: Languages): Static<typeof RuntimesSchema> {
  return catalogue.runtimes.flatMap(({ language, aliases }) => {
    const runtime = readiness.ready(language)
    return runtime === undefined ? [] : [{ language, version: runtime.version, aliases: [...aliases] }]
  })
}

/** The language of a request, if its selector has the version that there is. */
export function findRuntime ({ language, version }: JobRequest, { catalogue, readiness }: Languages): ReadyRuntime {
  const isKnown = version.length <= MAX_CHARACTERS && catalogue.find(language) !== undefined
  const runtime = isKnown ? readiness.find(language) : undefined
  if (runtime === undefined || !semver.satisfies(runtime.version, version)) {
    refuse(`${language.slice(0, MAX_CHARACTERS)}-${version.slice(0, MAX_CHARACTERS)} runtime is unknown`)
  }
  return runtime
}
