import type { Catalogue } from '../../../src/sandbox/images/catalogue.ts'

/** For what is not about running programs: a server without languages starts no sandboxes. */
export const noLanguages: Catalogue = { runtimes: [], find: () => undefined }
