import { randomBytes } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { signUp, type User } from '../projects/user.ts'
import { startProjectsBerth } from '../projects/berth.ts'
import type { Berth } from '../support/berth.ts'
import { createVisitor } from './visitor.ts'

const NOBODYS = '00000000-0000-4000-8000-000000000000'
const LIMIT = 5

let berth: Berth
let user: User
let projectId: string
afterEach(async () => await berth.stop())

async function strict (): Promise<void> {
  berth = await startProjectsBerth({ RATE_LIMIT_ANONYMOUS: `${LIMIT + 1}/1m` })
  // Before that no key is known by heart.
  await expect.poll(() => berth.app.notifications.isListening()).toBe(true)
  // Counts as one.
  user = await signUp(berth.origin)
  projectId = (await user.createProject()).id
}

const visits = async (id: string, headers: () => Record<string, string>): Promise<number[]> => {
  const statuses: number[] = []
  for (let i = 0; i <= LIMIT; i++) statuses.push((await createVisitor(berth, id, 3000, headers()).visit('/')).status)
  return statuses
}
const wrongKey = (): Record<string, string> => ({ 'x-api-key': `brt_${randomBytes(24).toString('base64url')}` })

it.each([
  ['strangers at a project that is not there', NOBODYS, () => ({}), 401],
  ['wrong keys at a project that is not there', NOBODYS, wrongKey, 404],
  ['wrong keys at somebody\'s private project', 'private', wrongKey, 404],
  ['strangers at a public project', 'public', () => ({}), 503],
  ['keys of the app\'s own at a public project', 'public', wrongKey, 503]
])('%s are counted as at the API, which counts them too', async (_who, which, headers, status) => {
  await strict()
  if (which === 'public') await user.call('PATCH', `/projects/${projectId}`, { previews: 'public' })
  expect(await visits(which === NOBODYS ? NOBODYS : projectId, headers)).toEqual([...Array<number>(LIMIT).fill(status), 429])
  expect((await fetch(`${berth.origin}/auth/me`)).status).toBe(429)
  // Who has a key that is right is nobody of them; the project does not run.
  await user.call('PATCH', `/projects/${projectId}`, { previews: 'private' })
  expect(await visits(projectId, () => ({ 'x-api-key': user.key }))).toEqual(Array<number>(LIMIT + 1).fill(503))
  const answer = await createVisitor(berth, NOBODYS, 3000).visit('/')
  expect([answer.status, Number(answer.headers['retry-after'])]).toEqual([429, expect.any(Number)])
})
