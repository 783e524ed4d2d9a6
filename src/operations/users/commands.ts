import { text } from 'node:stream/consumers'
import type { Arguments, Surroundings } from '../command.ts'
import { OperationError } from '../errors.ts'
import { readSettings } from '../settings.ts'
import { openServerApi, type ServerApi } from './api.ts'

interface User {
  readonly id: string
  readonly email: string | null
  readonly name: string | null
  readonly role: string
  readonly disabledAt: string | null
}

interface Link {
  readonly link: string
  readonly expiresAt: string
  readonly mailed?: boolean
}

const PAGE = 100

const openApi = async (env: NodeJS.ProcessEnv): Promise<ServerApi> => await openServerApi(readSettings(env))

export async function listUsers ({ options }: Arguments, { env, stdout }: Surroundings): Promise<void> {
  const users = await find(await openApi(env), {})
  if (options['json'] === true) stdout.write(`${JSON.stringify(users, null, 2)}\n`)
  else for (const { email, role, name, disabledAt } of users) stdout.write(`${[email ?? '(not set up yet)', role, disabledAt === null ? 'enabled' : 'disabled', name ?? ''].join('\t').trimEnd()}\n`)
}

export async function addUser ({ words: [email = ''], options }: Arguments, surroundings: Surroundings): Promise<void> {
  const { env, say } = surroundings
  const api = await openApi(env)
  const { role = 'user', name } = options
  if (options['password-stdin'] !== true) {
    if (name !== undefined) throw new OperationError('--name is for an account that is made here, with --password-stdin: who comes by a link gives their own')
    const invitation = await api.call<Link>('POST', '/api/users/invitations', { email, role })
    showLink(api, invitation, surroundings)
    if (invitation.mailed === true) say(`and mailed to ${email}`)
    return
  }
  const password = await readPassword(surroundings)
  // One without an email is not mailed. It is used up at once.
  const { link } = await api.call<Link>('POST', '/api/users/invitations', { role })
  const { user } = await api.call<{ user: User }>('POST', '/auth/signup', { email, password, invitation: tokenOf(link), ...(name === undefined ? {} : { name }) })
  say(`${user.email ?? email} is ${user.role === 'admin' ? 'an administrator' : `a ${user.role}`}`)
}

export async function resetPassword ({ words: [email = ''], options }: Arguments, surroundings: Surroundings): Promise<void> {
  const api = await openApi(surroundings.env)
  const { id } = await findOne(api, email)
  const password = options['password-stdin'] === true ? await readPassword(surroundings) : undefined
  const reset = await api.call<Link>('POST', `/api/users/${id}/reset-link`)
  if (password === undefined) return showLink(api, reset, surroundings)
  await api.call('POST', '/auth/password/reset', { token: tokenOf(reset.link), password })
  surroundings.say(`${email} has a new password, and is signed out everywhere else`)
}

export async function setDisabled (disabled: boolean, { words: [email = ''] }: Arguments, { env, say }: Surroundings): Promise<void> {
  const api = await openApi(env)
  const { id } = await findOne(api, email)
  await api.call('PATCH', `/api/users/${id}`, { disabled })
  say(`${email} is ${disabled ? 'disabled' : 'enabled'}`)
}

async function find (api: ServerApi, query: Record<string, string>): Promise<User[]> {
  const found: User[] = []
  let cursor: string | null = null
  do {
    const params = new URLSearchParams({ ...query, limit: String(PAGE), ...(cursor === null ? {} : { cursor }) })
    const page: { users: User[], nextCursor: string | null } = await api.call('GET', `/api/users?${params.toString()}`)
    found.push(...page.users)
    cursor = page.nextCursor
  } while (cursor !== null)
  return found
}

async function findOne (api: ServerApi, email: string): Promise<User> {
  const user = (await find(api, { search: email })).find((one) => one.email === email.toLowerCase())
  if (user === undefined) throw new OperationError(`nobody has the email ${email}: berth users list shows who there is`)
  return user
}

function showLink (api: ServerApi, { link, expiresAt }: Link, { stdout, say }: Surroundings): void {
  stdout.write(`${api.publicLink(link)}\n`)
  say(`works once, until ${expiresAt}`)
}

const tokenOf = (link: string): string => link.slice(link.indexOf('#') + 1)

/** One line. Typed at a terminal it would be seen. */
async function readPassword ({ stdin }: Surroundings): Promise<string> {
  if ('isTTY' in stdin && stdin.isTTY === true) throw new OperationError('--password-stdin takes the password from a file or a pipe, not from a terminal: leave it out for a link')
  return (await text(stdin)).replace(/\r?\n$/, '')
}
