import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ExecuteResult } from '../../../src/runtime/runs/execute-schemas.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth, type ErrorBody } from '../support/berth.ts'
import { signUp, type SignedUp } from '../support/client.ts'

const LIMITS = { EXEC_CONCURRENCY: '2', EXEC_QUEUE: '6', RATE_LIMIT: 'off', RATE_LIMIT_EXECUTE: 'off', RUNTIMES: 'python' }

let berth: Berth
let greedy: SignedUp
let polite: SignedUp

beforeAll(async () => {
  berth = await startBerth(LIMITS)
  greedy = await signUp(berth.origin)
  polite = await signUp(berth.origin)
})
afterAll(async () => { await berth.stop() })

const run = async (user: SignedUp, code: string) => await user.call<ExecuteResult & ErrorBody>('POST', '/api/execute', { language: 'python', code })

it('one user\'s thousand runs neither keep another out of the queue nor delay their first run', async () => {
  const answersOfGreedy = Array.from({ length: 1_000 }, async () => await run(greedy, 'import time; print(time.time()); time.sleep(1.5)'))
  await waitFor('the queue to be full', async () => {
    const { body } = await polite.call<{ capacity: { queued: number } }>('GET', '/api/system')
    return body.capacity.queued === 6
  })
  const answersOfPolite = await Promise.all(Array.from({ length: 3 }, async () => await run(polite, 'import time; print(time.time())')))
  expect(answersOfPolite.map(({ status }) => status)).toEqual([200, 200, 200])
  const answers = await Promise.all(answersOfGreedy)
  const refused = answers.filter(({ status }) => status !== 200)
  expect(refused.length).toBeGreaterThan(900)
  for (const { status, headers, body } of refused) {
    expect([status, body.code, Number(headers.get('retry-after'))]).toEqual([429, 'QUEUE_FULL', expect.toSatisfy((seconds: number) => seconds >= 1)])
  }
  // Six were before it in the queue; it takes the first slot that is free, or a burst's.
  const begunAt = (all: typeof answers) => all.filter(({ status }) => status === 200).map(({ body }) => Number(body.output))
  const first = Math.min(...begunAt(answersOfPolite))
  expect(begunAt(answers).filter((at) => at > first).length).toBeGreaterThanOrEqual(3)
})

it('what was turned away has left no session that runs for ever', async () => {
  await waitFor('every session to have ended', async () => {
    const { body } = await greedy.call<{ sessions: Array<{ status: string }> }>('GET', '/api/sessions?limit=100')
    return body.sessions.length >= 4 && body.sessions.every(({ status }) => ['completed', 'internal_error'].includes(status))
  })
})
