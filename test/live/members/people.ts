import type { Project } from '../../../src/projects/core/schemas.ts'
import type { ShownInvitation } from '../../../src/projects/members/schemas.ts'
import { signUp, type User } from '../projects/user.ts'

/** Somebody with an account, a key, and a name in lists. */
export async function createPerson (origin: string) {
  const user = await signUp(origin)
  const { body: { user: { id, email } } } = await user.call<{ user: { id: string, email: string } }>('GET', '/auth/me')
  return { ...user, id, email }
}
export type Person = Awaited<ReturnType<typeof createPerson>>

export async function createLink (owner: User, project: string, more: Record<string, unknown> = {}) {
  const { status, body } = await owner.call<{ invitation: ShownInvitation, link: string }>('POST', `/projects/${project}/invitations`, { role: 'viewer', ...more })
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`)
  return { ...body.invitation, token: body.link.split('#')[1] ?? '', link: body.link }
}

export const openLink = async (by: User, token: string) => await by.call<Project & { code?: string }>('POST', '/invitations/accept', { token })

/** By a link of its own, which is taken back. */
export async function join (owner: User, project: string, member: User, role: 'viewer' | 'editor'): Promise<void> {
  const { id, token } = await createLink(owner, project, { role, maxUses: 1 })
  const { status, body } = await openLink(member, token)
  if (status !== 200 || body.role !== role) throw new Error(`${status} ${JSON.stringify(body)}`)
  await owner.call('DELETE', `/projects/${project}/invitations/${id}`)
}
