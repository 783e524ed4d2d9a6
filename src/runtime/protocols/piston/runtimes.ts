import semver from 'semver'
import type { Static } from 'typebox'
import type { Catalogue } from '../../../sandbox/images/catalogue.ts'
import type { Readiness, ReadyRuntime } from '../../languages/readiness.ts'
import { refuse } from './refuse.ts'
import type { JobRequest } from './request.ts'
import type { RuntimesSchema } from './schemas.ts'

// A hostile selector is slow to parse and long to repeat in a message.
const MAX_CHARACTERS = 64

export interface Languages {
  readonly catalogue: Catalogue
  readonly readiness: Readiness
  readonly strictVersions: boolean
}

/** The languages that can be run now; Piston lists what is installed. */
export function listRuntimes ({ catalogue, readiness }: Languages): Static<typeof RuntimesSchema> {
  return catalogue.runtimes.flatMap(({ language, aliases }) => {
    const runtime = readiness.ready(language)
    return runtime === undefined ? [] : [{ language, version: runtime.version, aliases: [...aliases] }]
  })
}

/** A version rather than a range of them, as clients have it that were written for another server. */
const PLAIN_VERSION = /^[v=]?\d+(\.\d+){0,2}$/

/**
 * The language of a request. A range must have the version that there is; a plain version need not, unless versions are
 * strict: there is one of each language, so it is the nearest, and the answer says which.
 */
export function findRuntime ({ language, version }: JobRequest, { catalogue, readiness, strictVersions }: Languages): ReadyRuntime {
  const isKnown = version.length <= MAX_CHARACTERS && catalogue.find(language) !== undefined
  const runtime = isKnown ? readiness.find(language) : undefined
  const isNearest = !strictVersions && PLAIN_VERSION.test(version.trim())
  if (runtime === undefined || (!isNearest && !semver.satisfies(runtime.version, version))) {
    refuse(`${language.slice(0, MAX_CHARACTERS)}-${version.slice(0, MAX_CHARACTERS)} runtime is unknown`)
  }
  return runtime
}
