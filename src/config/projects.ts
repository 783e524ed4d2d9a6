import path from 'node:path'
import Type from 'typebox'
import { toProjectImages } from './project-images.ts'
import { count, duration, size, text, type Values } from './schema.ts'

export const projectVariables = {
  PROJECT_QUOTA: count(20, 0, 'most projects of one user'),
  PROJECT_RUNNING_QUOTA: count(10, 1, 'most running projects of one user, who never has more than half of all'),
  PROJECT_MEMORY: Type.Optional(size(undefined, 'memory of a project\'s container; default 512 MB, or up to 1 GB where its language server and a development server need that and eight such projects have room in PROJECT_MEMORY_TOTAL. It can have 256 processes and threads, or one for each 2 MB if that is more')),
  PROJECT_MEMORY_TOTAL: Type.Optional(size(undefined, 'memory that all running projects together can be given, at what each may have; default two thirds of what the Engine\'s host has beyond 1 GB, or beyond a tenth')),
  PROJECT_MEMORY_MAX: Type.Optional(size(undefined, 'most that a project\'s owner can choose; default four times PROJECT_MEMORY, or 2 GB')),
  PROJECT_CPUS_MAX: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'likewise of CPUs; default PROJECT_CPUS' })),
  PROJECT_CPUS: Type.Number({ exclusiveMinimum: 0, default: 1, description: 'CPUs of a project\'s container' }),
  PROJECT_SIZE: size('2g', 'bytes that a project\'s files can take on the disk; one file can have 1 GB, or half of that if it is more. What is beyond is refused to clients; programs get an error where the file system has quotas, else a project is stopped that has a tenth more. It can have 250,000 files, directories and links, or one for each 8 KiB if that is more'),
  PROJECT_TOOLS: Type.Enum(['on', 'off'], { default: 'on', description: 'on: projects have the tools that people of their language expect, in images that are built while the server runs and take several GB of the Engine\'s disk. off: they have the images of runs' }),
  PROJECT_IMAGES: Type.Optional(text('further images that can be a project\'s `runtime`, as `name=reference` separated by commas. One that the Engine lacks is pulled; what a tag stands for is looked up once, and stays until the server is started again')),
  IDLE_TIMEOUT: duration('10m', 'time without activity after which a project is stopped'),
  IDLE_TIMEOUT_MAX: duration('24h', 'the same for a project with a service that is to keep it awake'),
  LANGUAGE_SERVER_IDLE: duration('5m', 'time without a message after which a language server is ended and its socket closed'),
  TEMPLATES_DIR: Type.Optional(Type.String({ minLength: 1, description: 'directory of further templates, laid out as templates/ is' })),
  TERMINAL_GRACE: duration('10m', 'how long a shell lives on with nobody attached'),
  TERMINAL_QUOTA: count(64, 1, 'most terminals of one user; in one project a quarter of them, and at most 48')
}

const MIB = 1024 ** 2
const EXEC_TIMEOUT_MAX_MS = 10 * 60_000
const CLONE_TIMEOUT_MS = 2 * 60_000
const NEW_PROJECT_FILES_BYTES = 8 * MIB
const LEAST_FILE_BYTES = 1024 * MIB
const USUAL_MEMORY_BYTES = 512 * MIB
const MEMORY_CHOICE = 4
const LEAST_ENTRIES = 250_000
const BYTES_PER_ENTRY = 8 * 1024
const UPLOADS_AT_ONCE = 4
/** PID 1 of a project keeps 64 processes, some of which are no terminals. */
const MOST_TERMINALS_OF_PROJECT = 48

export function toProjects (env: Values<typeof projectVariables> & { DATA_DIR: string }) {
  const memoryBytes = env.PROJECT_MEMORY ?? USUAL_MEMORY_BYTES
  return {
    projects: {
      quota: env.PROJECT_QUOTA,
      runningPerOwner: env.PROJECT_RUNNING_QUOTA,
      memoryBytes,
      /** The operator has not said what all are to have. */
      isMemoryByLanguage: env.PROJECT_MEMORY === undefined,
      memoryMaxBytes: Math.max(env.PROJECT_MEMORY_MAX ?? MEMORY_CHOICE * memoryBytes, memoryBytes),
      cpusMax: Math.max(env.PROJECT_CPUS_MAX ?? env.PROJECT_CPUS, env.PROJECT_CPUS),
      budgetBytes: env.PROJECT_MEMORY_TOTAL,
      cpus: env.PROJECT_CPUS,
      hasTools: env.PROJECT_TOOLS === 'on',
      images: toProjectImages(env.PROJECT_IMAGES),
      sizeBytes: env.PROJECT_SIZE,
      entries: Math.max(LEAST_ENTRIES, Math.floor(env.PROJECT_SIZE / BYTES_PER_ENTRY)),
      /** Largest file, whoever writes it. */
      fileBytes: Math.max(LEAST_FILE_BYTES, Math.ceil(env.PROJECT_SIZE / 2)),
      filesBytes: NEW_PROJECT_FILES_BYTES,
      cloneTimeoutMs: CLONE_TIMEOUT_MS,
      execTimeoutMaxMs: EXEC_TIMEOUT_MAX_MS,
      templatesDirectory: env.TEMPLATES_DIR === undefined ? undefined : path.resolve(env.TEMPLATES_DIR),
      idleTimeoutMs: env.IDLE_TIMEOUT,
      languageServerIdleMs: env.LANGUAGE_SERVER_IDLE,
      idleTimeoutMaxMs: Math.max(env.IDLE_TIMEOUT_MAX, env.IDLE_TIMEOUT)
    },
    terminals: {
      graceMs: env.TERMINAL_GRACE,
      perProject: Math.min(MOST_TERMINALS_OF_PROJECT, Math.ceil(env.TERMINAL_QUOTA / 4)),
      perUser: env.TERMINAL_QUOTA
    },
    spool: {
      directory: path.resolve(env.DATA_DIR, 'spool'),
      budgetBytes: UPLOADS_AT_ONCE * env.PROJECT_SIZE
    }
  }
}
