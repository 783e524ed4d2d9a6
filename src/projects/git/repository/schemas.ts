import Type from 'typebox'
import { closed, Instant, Nullable } from '../../../lib/schemas.ts'
import { ProjectParamsSchema } from '../../core/schemas.ts'
import { updateResults } from './parse/push.ts'
import { conflicts, fileStates } from './parse/status.ts'

const Text = (maxLength: number, form: string, pattern: string) => Type.String({ minLength: 1, maxLength, pattern, 'x-form': form })
const Hash = Type.String({ description: 'hash of a commit' })
const Ref = Type.String({ minLength: 1, maxLength: 255, description: 'a branch, a tag, a whole hash or HEAD' })
const BranchName = Type.String({ minLength: 1, maxLength: 255 })
const RemoteName = Text(100, 'must be letters, digits, ".", "_" and "-"', '^[A-Za-z0-9_][A-Za-z0-9._-]*$')
const Path = Type.String({ minLength: 1, maxLength: 4096, description: 'relative to the repository; "/" is all of it. Bytes that are not UTF-8 are U+DC80 to U+DCFF' })
const Paths = Type.Array(Path, { minItems: 1, maxItems: 1_000 })
const IdentitySchema = Type.Object({
  name: Text(100, 'must be without control characters, < and >', '^[^\\p{C}<>]+$'),
  email: Text(254, 'must be an address, without blanks, < and >', '^[^\\p{C}\\s<>]+$')
}, closed)

const directory = Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: 'where the repository is, relative to the project\'s directory; default that' }))
/** Every call's. */
export const PlaceQuerySchema = Type.Object({ directory }, closed)

export const StatusQuerySchema = Type.Object({
  directory,
  untracked: Type.Optional(Type.Enum(['no', 'normal', 'all'], { default: 'normal', description: 'normal: a directory without tracked files as one, with a slash at its end' }))
}, closed)

export const StatusSchema = Type.Object({
  branch: Type.Object({
    name: Nullable(Type.String({ description: 'null when a commit is checked out rather than a branch' })),
    commit: Nullable(Hash),
    upstream: Nullable(Type.String()),
    ahead: Nullable(Type.Integer({ description: 'commits that the upstream has not got; null where there is none' })),
    behind: Nullable(Type.Integer())
  }, closed),
  entries: Type.Array(Type.Object({
    path: Path,
    from: Nullable(Type.String({ description: 'of a rename or a copy' })),
    index: Type.Enum([...fileStates], { description: 'what is staged, against the commit' }),
    worktree: Type.Enum([...fileStates], { description: 'what is in the file, against what is staged' }),
    conflict: Nullable(Type.Enum([...conflicts])),
    isSubmodule: Type.Boolean()
  }, closed)),
  truncated: Type.Boolean({ description: 'there are more entries' })
}, closed)

export const DiffQuerySchema = Type.Object({
  directory,
  path: Type.Optional(Path),
  staged: Type.Optional(Type.Boolean({ default: false, description: 'what is staged against the commit, rather than files against what is staged' })),
  commit: Type.Optional(Ref),
  context: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000, default: 3, description: 'lines around each change' }))
}, closed)

export const DiffSchema = Type.Object({
  files: Type.Array(Type.Object({
    path: Type.String(),
    from: Nullable(Type.String()),
    additions: Nullable(Type.Integer({ description: 'lines; null of what is not text' })),
    deletions: Nullable(Type.Integer())
  }, closed)),
  patch: Type.String({ description: 'as git prints it; bytes that are not UTF-8 become U+FFFD' }),
  truncated: Type.Boolean({ description: 'it was longer than 2 MiB' })
}, closed)

export const LogQuerySchema = Type.Object({
  directory,
  ref: Type.Optional(Ref),
  path: Type.Optional(Path),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 200 }))
}, closed)

const PersonSchema = Type.Object({ name: Type.String(), email: Type.String(), at: Instant }, closed)
export const CommitSchema = Type.Object({
  commit: Hash,
  parents: Type.Array(Hash),
  author: PersonSchema,
  committer: PersonSchema,
  message: Type.String()
}, closed)
export const LogSchema = Type.Object({ commits: Type.Array(CommitSchema), nextCursor: Nullable(Type.String()) }, closed)

export const InitBodySchema = Type.Object({ branch: Type.Optional(BranchName) }, closed)
export const PathsBodySchema = Type.Object({ paths: Paths }, closed)
export const DiscardBodySchema = Type.Object({
  paths: Paths,
  untracked: Type.Optional(Type.Boolean({ default: false, description: 'delete files that git does not know, too, unless they are ignored' }))
}, closed)
export const CommitBodySchema = Type.Object({
  message: Type.Optional(Type.String({ minLength: 1, maxLength: 65_536, description: 'needed unless a commit is amended' })),
  all: Type.Optional(Type.Boolean({ default: false, description: 'with all changes of files that git knows' })),
  amend: Type.Optional(Type.Boolean({ default: false, description: 'in place of the newest commit' })),
  allowEmpty: Type.Optional(Type.Boolean({ default: false })),
  author: Type.Optional(IdentitySchema)
}, closed)

export const BranchSchema = Type.Object({
  name: Type.String(),
  isRemote: Type.Boolean({ description: 'as a remote had it when it was last fetched' }),
  isCurrent: Type.Boolean(),
  commit: Nullable(Hash),
  subject: Type.String({ description: 'first line of its newest commit' }),
  upstream: Nullable(Type.String()),
  ahead: Nullable(Type.Integer()),
  behind: Nullable(Type.Integer())
}, closed)
export const BranchesSchema = Type.Object({ branches: Type.Array(BranchSchema), truncated: Type.Boolean() }, closed)
export const BranchBodySchema = Type.Object({
  name: BranchName,
  from: Type.Optional(Ref),
  checkout: Type.Optional(Type.Boolean({ default: false }))
}, closed)
export const BranchParamsSchema = Type.Object({ ...ProjectParamsSchema.properties, '*': Type.String({ description: 'name of the branch' }) })
export const DeleteBranchQuerySchema = Type.Object({ directory, force: Type.Optional(Type.Boolean({ default: false, description: 'also one with commits that no other branch has' })) }, closed)
export const CheckoutBodySchema = Type.Object({ ref: Ref }, closed)

export const RemotesSchema = Type.Object({
  remotes: Type.Array(Type.Object({ name: Type.String(), url: Type.String(), pushUrl: Nullable(Type.String()) }, closed))
}, closed)
export const RemoteBodySchema = Type.Object({ name: RemoteName, url: Type.String({ minLength: 1, maxLength: 2048, description: 'https, http, git or ssh' }) }, closed)
export const RemoteParamsSchema = Type.Object({ ...ProjectParamsSchema.properties, remote: RemoteName })

export const FetchBodySchema = Type.Object({ remote: Type.Optional(RemoteName), prune: Type.Optional(Type.Boolean({ default: false, description: 'forget branches that the remote has not got any more' })) }, closed)
export const PullBodySchema = Type.Object({
  remote: Type.Optional(RemoteName),
  branch: Type.Optional(BranchName),
  strategy: Type.Optional(Type.Enum(['ff-only', 'merge', 'rebase'], { default: 'ff-only', description: 'what to do where both sides have commits that the other has not got' }))
}, closed)
export const PullSchema = Type.Object({ before: Nullable(Hash), commit: Hash }, closed)
export const PushBodySchema = Type.Object({
  remote: Type.Optional(RemoteName),
  branch: Type.Optional(BranchName),
  setUpstream: Type.Optional(Type.Boolean({ default: false, description: 'the branch follows that of the remote from then on' })),
  force: Type.Optional(Type.Boolean({ default: false, description: 'replace what was last fetched of the remote\'s branch, and nothing newer' }))
}, closed)
export const PushSchema = Type.Object({
  remote: Type.String(),
  refs: Type.Array(Type.Object({ from: Type.String(), to: Type.String(), result: Type.Enum([...updateResults]), summary: Type.String() }, closed))
}, closed)
