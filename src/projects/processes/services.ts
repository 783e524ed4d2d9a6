import { Compile } from 'typebox/compile'
import { errors } from '../../errors.ts'
import { each } from '../../lib/each.ts'
import { ProcessBodySchema, type ProcessBody } from './schemas.ts'
import type { ServicesRepo } from './services-repo.ts'

const MOST = 20
const STARTS_AT_ONCE = 4
const specValidator = Compile(ProcessBodySchema)

/** Which processes start with their project. */
export interface ServiceBook {
  /** Resolves with its id. Throws PROCESS_EXISTS, PROCESS_QUOTA. */
  readonly add: (projectId: string, body: ProcessBody & { name: string }) => Promise<string>
  /** Whether there was one. */
  readonly remove: (projectId: string, id: string) => Promise<boolean>
}

export function createServiceBook (repo: ServicesRepo): ServiceBook {
  return {
    async add (projectId, body) {
      const row = await repo.add(projectId, { name: body.name, spec: body, keepsAwake: body.keepAwake === true }, MOST)
      if (row === 'exists') throw new errors.PROCESS_EXISTS(JSON.stringify(body.name))
      if (row === 'full') throw new errors.PROCESS_QUOTA(`${MOST} services`)
      return row.id
    },
    remove: repo.remove
  }
}

export function createServiceStarter ({ repo, startAs, log }: {
  repo: Pick<ServicesRepo, 'list' | 'listRunningProjects'>
  /** Resolves with whether it was not there yet. */
  startAs: (projectId: string, id: string, body: ProcessBody) => Promise<boolean>
  log: { readonly info: (fields: object, message: string) => void, readonly warn: (fields: object, message: string) => void }
}) {
  /** Starts those services of a running project that are not there, whoever else is doing so. */
  async function startServices (projectId: string): Promise<void> {
    for (const { id, name, spec } of await repo.list(projectId)) {
      try {
        if (!specValidator.Check(spec)) throw new Error('what is stored of the service is not what it should be')
        if (await startAs(projectId, id, spec)) log.info({ projectId, service: name }, 'service started')
      } catch (err) {
        log.warn({ err, projectId, service: name }, 'service could not be started')
      }
    }
  }

  return {
    startServices,
    /** Of those that run when this server starts: the one that started them may have died before it had started their services. */
    startAllServices: async (): Promise<void> => {
      await each(await repo.listRunningProjects(), STARTS_AT_ONCE, async (projectId) => {
        await startServices(projectId).catch((err: unknown) => log.warn({ err, projectId }, 'services could not be started'))
      })
    }
  }
}
