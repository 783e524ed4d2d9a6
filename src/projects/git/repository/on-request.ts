import type { FastifyReply, FastifyRequest } from 'fastify'
import { abortOnDisconnect } from '../../../http/disconnect.ts'
import type { ProjectOf } from '../../core/access.ts'
import type { Identity } from './changes.ts'
import type { Access } from './exchange.ts'
import type { Git } from './git.ts'
import type { WithGit } from './service.ts'

export interface GitRoutesOptions {
  readonly projectOf: ProjectOf
  readonly withGit: WithGit
  /** Who commits, as their account says; undefined where it does not. */
  readonly identityOf: (userId: string) => Promise<Identity | undefined>
  readonly accessOf: (projectId: string) => Access
}

interface Asked {
  readonly params: { readonly id: string }
  readonly query: { readonly directory?: string | undefined }
}

/** Runs git for a request, in the project and the directory that it names, until the client goes away. */
export function createOnRequest ({ projectOf, withGit }: Pick<GitRoutesOptions, 'projectOf' | 'withGit'>) {
  return async <T>(request: FastifyRequest & Asked, reply: FastifyReply, work: (git: Git, projectId: string) => Promise<T>): Promise<T> => {
    const signal = abortOnDisconnect(reply)
    const { id } = await projectOf(request)
    return await withGit(id, request.query.directory, signal, async (git) => await work(git, id))
  }
}

/** What every route says of itself. */
export function describeRoute<More extends object> (operationId: string, summary: string, more: More) {
  return { operationId, summary, tags: ['git'], ...more }
}
