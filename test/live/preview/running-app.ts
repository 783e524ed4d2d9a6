import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { waitFor } from '../../support/wait-for.ts'
import type { Berth } from '../support/berth.ts'
import type { User } from '../projects/user.ts'

/**
 * Starts a program in a project's container, past Berth, so that nothing but a preview keeps the project active. It lives
 * as long as the container.
 */
export async function launch (berth: Berth, user: User, projectId: string, cmd: string[]): Promise<void> {
  const { containerId } = await user.status(projectId)
  if (containerId === null) throw new Error('the project does not run')
  const { exec } = berth.app.docker
  const { Id } = await exec.create(containerId, { Cmd: cmd, WorkingDir: '/workspace' })
  await exec.startDetached(Id)
}

export async function waitForPort (user: User, projectId: string, port: number): Promise<void> {
  await waitFor(`port ${port} to be listened on`, async () => (await user.status(projectId)).ports.some((listener) => listener.port === port))
}

/** A project that runs apps/everything.mjs on the given ports and addresses. */
export async function startEverything (berth: Berth, user: User, listeners: ReadonlyArray<readonly [port: number, host: string]>) {
  const content = await readFile(path.join(import.meta.dirname, 'apps/everything.mjs'), 'utf8')
  const project = await user.createProject({ runtime: 'javascript', files: [{ path: 'everything.mjs', content }] })
  await user.start(project.id)
  for (const [port, host] of listeners) {
    await launch(berth, user, project.id, ['node', 'everything.mjs', String(port), host])
    await waitForPort(user, project.id, port)
  }
  return project
}
