import Type, { type Static } from 'typebox'
import { memberRoles } from '../../db/schema/project-members.ts'
import { previewAudiences, projectNetworks, projectStatuses } from '../../db/schema/projects.ts'
import { closed, Instant, Nullable, pageQuery } from '../../lib/schemas.ts'
import { SourceFileSchema } from '../../programs/source-files.ts'
import { FromGitSchema, SourceSchema } from './source/schemas.ts'

// Something to read, and nothing that a terminal, a header or a log would take for more than text.
export const NameSchema = Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\p{C}\\p{Zl}\\p{Zp}\\s]([^\\p{C}\\p{Zl}\\p{Zp}]*[^\\p{C}\\p{Zl}\\p{Zp}\\s])?$', 'x-form': 'must be without control characters, and without blanks at its ends', description: 'without control characters, and without blanks at its ends' })
const PreviewsSchema = Type.Enum([...previewAudiences], { description: 'who may look at what the project serves' })
const MemorySchema = Type.Integer({ minimum: 64 * 1024 ** 2, description: 'bytes of memory, of which the server says how many there can be; a change counts from the next start on' })
const CpusSchema = Type.Number({ minimum: 0.1, description: 'CPUs, likewise' })
const NetworkSchema = Type.Enum([...projectNetworks], { description: '`internet`: what the server lets projects reach; `none`: nothing. A change counts from the next start on' })

export const CreateProjectSchema = Type.Object({
  name: NameSchema,
  runtime: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'a language of GET /api/languages, one of its aliases, or an image that the server has besides; default that of the template' })),
  template: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'a template of GET /api/templates, with whose files it begins' })),
  fromSnapshot: Type.Optional(Type.String({ format: 'uuid', description: 'a snapshot of any of your projects, with whose files it begins' })),
  files: Type.Optional(Type.Array(SourceFileSchema, { description: 'in the project\'s directory from its first start on' })),
  fromGit: Type.Optional(FromGitSchema),
  network: Type.Optional(NetworkSchema),
  memory: Type.Optional(MemorySchema),
  cpus: Type.Optional(CpusSchema)
}, closed)
export type CreateProject = Static<typeof CreateProjectSchema>

export const UpdateProjectSchema = Type.Object({
  name: Type.Optional(NameSchema),
  previews: Type.Optional(PreviewsSchema),
  network: Type.Optional(NetworkSchema),
  memory: Type.Optional(MemorySchema),
  cpus: Type.Optional(CpusSchema)
}, { ...closed, minProperties: 1 })
export type UpdateProject = Static<typeof UpdateProjectSchema>

export const ProjectParamsSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })

const projectProperties = {
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  runtime: Type.String({ description: 'the language\'s own name, also where an alias was given' }),
  status: Type.Enum([...projectStatuses]),
  error: Nullable(Type.String({ description: 'why it is in the status error, or why it has stopped by itself' })),
  previews: PreviewsSchema,
  network: NetworkSchema,
  memory: MemorySchema,
  cpus: CpusSchema,
  source: Nullable(SourceSchema),
  createdAt: Instant,
  updatedAt: Instant,
  lastActiveAt: Instant
}
const RoleSchema = Type.Enum([...memberRoles, 'owner'], { description: 'what you may do: look, work in it, or all' })

export const ProjectSchema = Type.Object({ ...projectProperties, role: RoleSchema }, closed)
export type Project = Static<typeof ProjectSchema>

export const ListProjectsSchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 200 }))
}, closed)

export const ProjectListSchema = Type.Object({
  projects: Type.Array(ProjectSchema),
  nextCursor: Nullable(Type.String())
}, closed)
export type ProjectList = Static<typeof ProjectListSchema>

export const ListAllProjectsSchema = Type.Object({
  ...pageQuery,
  owner: Type.Optional(Type.String({ format: 'uuid' })),
  status: Type.Optional(Type.Enum([...projectStatuses]))
}, closed)

export const OwnedProjectListSchema = Type.Object({
  projects: Type.Array(Type.Object({
    ...projectProperties,
    owner: Type.Object({ id: Type.String({ format: 'uuid' }), email: Nullable(Type.String()) }, closed)
  }, closed)),
  nextCursor: Nullable(Type.String())
}, closed)
export type OwnedProjectList = Static<typeof OwnedProjectListSchema>

export const ProjectStatusSchema = Type.Object({
  status: Type.Enum([...projectStatuses]),
  error: Nullable(Type.String()),
  containerId: Nullable(Type.String()),
  startedAt: Nullable(Instant),
  lastActiveAt: Instant,
  stopsAt: Nullable(Type.String({ format: 'date-time', description: 'when it is stopped if nothing is done in it until then' })),
  preview: Type.Object({
    port: Type.Integer({ description: 'where a server in the project listens to be seen' }),
    url: Nullable(Type.String()),
    hostPort: Nullable(Type.Integer({ description: 'on the loopback of the Engine\'s host' })),
    hostPortReason: Nullable(Type.String({ description: 'why a running project has none; its previews work all the same' }))
  }, closed),
  ports: Type.Array(Type.Object({
    port: Type.Integer(),
    process: Nullable(Type.String({ description: 'file name of the program; null if it cannot be told' })),
    loopbackOnly: Type.Boolean({ description: 'a preview shows it all the same' })
  }, closed)),
  usage: Nullable(Type.Object({
    memory: Type.Integer({ description: 'bytes, without what the kernel caches of files' }),
    memoryLimit: Type.Integer({ description: 'bytes' }),
    cpu: Type.Number({ description: 'CPUs in use: 0.5 is half of one' })
  }, closed)),
  files: Type.Object({
    size: Nullable(Type.Integer({ description: 'bytes on the disk, as last measured; null until this server has had to do with the files' })),
    limit: Type.Integer({ description: 'bytes that they can take; programs that take a tenth more are stopped with the project, or get an error where the file system has quotas' }),
    entries: Nullable(Type.Integer({ description: 'files, directories and links, as last measured' })),
    entriesLimit: Type.Integer({ description: 'most of them; a project with a tenth more is stopped' })
  }, closed),
  snapshot: Type.Object({
    newestAt: Nullable(Type.String({ format: 'date-time', description: 'when the newest was taken' })),
    checkedAt: Nullable(Type.String({ format: 'date-time', description: 'when the files were last looked at for one; without an error they were then as the newest has them' })),
    error: Nullable(Type.String({ description: 'why the last automatic one could not be taken' }))
  }, closed),
  recovered: Nullable(Type.Object({
    at: Instant,
    isRestored: Type.Boolean({ description: 'with the files of a snapshot; else with those that it was made with' })
  }, { ...closed, description: 'when the files had been lost with their volume and that was made anew, the last time' }))
}, closed)
export type ProjectStatusReport = Static<typeof ProjectStatusSchema>

export const LogsQuerySchema = Type.Object({
  tail: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000, description: 'so many lines from the end; default all' })),
  follow: Type.Optional(Type.Boolean({ default: false, description: 'NDJSON for as long as the container runs' }))
}, closed)
