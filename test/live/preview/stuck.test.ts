import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { signUp, type User } from '../projects/user.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { startEverything } from './running-app.ts'
import { createVisitor, type Visitor } from './visitor.ts'

// All but the one that this program is run by.
const STOP_AGENTS = `
const { readdirSync, readFileSync } = require("node:fs")
for (const pid of readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).map(Number)) {
  try {
    if (!readFileSync("/proc/" + pid + "/cmdline", "latin1").startsWith("/berth/agent\\0serve") || pid === process.ppid) continue
    process.kill(pid, "SIGSTOP")
    console.log("stopped")
  } catch {} // It has ended meanwhile.
}
`

let berth: Berth
let user: User
let projectId: string
let visitor: Visitor
beforeAll(async () => {
  berth = await startBerth({ IDLE_TIMEOUT: '45s' })
  user = await signUp(berth.origin)
  projectId = (await startEverything(berth, user, [[9090, '127.0.0.1'], [3000, '0.0.0.0']])).id
  visitor = createVisitor(berth, projectId, 9090, { 'x-api-key': user.key })
})
afterAll(async () => {
  await user.remove(projectId)
  await berth.stop()
})

it('a guest that stops its agent gets a 503 with a reason, holds nothing, and everything goes on with a new one', async () => {
  expect((await visitor.visit('/echo')).status).toBe(200)
  expect((await user.exec(projectId, ['node', '-e', STOP_AGENTS])).output).toMatch(/stopped/)

  const held = Promise.all([...Array(8).keys()].map(async () => await visitor.visit('/echo')))
  const published = createVisitor(berth, projectId, 3000, { 'x-api-key': user.key }).visit('/echo')
  expect((await user.status(projectId)).status).toBe('running')
  for (const answer of await held) {
    expect([answer.status, answer.json()]).toEqual([503, expect.objectContaining({ code: 'PREVIEW_STUCK' })])
  }
  // It needs no agent but to know that the port is listened to, and what was known a second ago is good enough.
  expect([200, 503]).toContain((await published).status)
  await waitFor('a new agent', async () => (await visitor.visit('/echo')).status === 200, 60_000)
  // One that had begun to work with the stopped agent is told to try again.
  await waitFor('a new agent of the files', async () => (await user.call('GET', `/projects/${projectId}/files?path=/`)).status === 200, 60_000)
}, 120_000)

it('a stopped agent keeps no project from being stopped when it is idle', async () => {
  expect((await user.exec(projectId, ['node', '-e', STOP_AGENTS])).output).toMatch(/stopped/)
  const work = user.call('GET', `/projects/${projectId}/files?path=/`)
  await waitFor('the project to be stopped', async () => {
    const { body } = await user.call<{ status: string }>('GET', `/projects/${projectId}`)
    return body.status === 'stopped'
  }, 150_000)
  await work
}, 180_000)
