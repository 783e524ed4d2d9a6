import type { Static } from 'typebox'
import { errors } from '../../../errors.ts'
import { refProblem } from './ref.ts'
import type { FromGitSchema } from './schemas.ts'
import type { Repository } from './source.ts'
import { urlProblem } from './url.ts'

/** What a client asks to be cloned; throws the contract's error for what the schema cannot say. */
export function checkRepository ({ url, ref }: Static<typeof FromGitSchema>, hasNetwork: boolean): Repository {
  if (!hasNetwork) throw new errors.BAD_REQUEST('The project has no network, so nothing can be cloned. Give the files instead')
  const aboutUrl = urlProblem(url)
  if (aboutUrl !== undefined) throw new errors.BAD_REQUEST(`The repository's address ${aboutUrl}`)
  const aboutRef = ref === undefined ? undefined : refProblem(ref)
  if (aboutRef !== undefined) throw new errors.BAD_REQUEST(`The repository's ref ${aboutRef}`)
  return { url, ref: ref ?? null }
}
