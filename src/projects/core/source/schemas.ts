import Type from 'typebox'
import { cloneStatuses } from '../../../db/schema/project-clones.ts'
import { closed, Nullable } from '../../../lib/schemas.ts'

export const FromGitSchema = Type.Object({
  url: Type.String({ minLength: 1, description: 'https, http, git or ssh, without credentials' }),
  ref: Type.Optional(Type.String({ minLength: 1, description: 'a branch, a tag or a whole commit hash; default what the repository takes for its own' }))
}, closed)

export const SourceSchema = Type.Object({
  url: Type.String(),
  ref: Nullable(Type.String()),
  commit: Nullable(Type.String({ description: 'what was checked out' })),
  status: Type.Enum([...cloneStatuses]),
  error: Nullable(Type.String({ description: 'why the clone has failed; the project is empty then' }))
}, closed)
