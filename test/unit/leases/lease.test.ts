import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { LeaseLostError, createLeases, type LeaseRepo } from '../../../src/leases/lease.ts'

const LEASE_MS = 600
const never = new Promise<never>(() => undefined)

function leasesWith (repo: Partial<LeaseRepo<object, string>>) {
  const released: string[] = []
  const leases = createLeases<object, string>({
    claim: async (id) => id,
    renew: async () => true,
    release: async (id) => { released.push(id) },
    ...repo
  }, LEASE_MS)
  return { leases, released }
}

/** Which comes first: the loss, or what the lease would have lasted. */
async function firstOf (signal: AbortSignal, ms: number): Promise<unknown> {
  const lost = new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }))
  return await Promise.race([lost, sleep(ms).then(() => 'the end')])
}

describe('a lease', () => {
  it.each<[string, Partial<LeaseRepo<object, string>>]>([
    ['does not answer', { renew: async () => await never }],
    ['refuses', { renew: async () => { throw new Error('away') } }]
  ])('is given up before it ends when the database %s', async (_what, repo) => {
    const { leases } = leasesWith(repo)
    const outcome = await leases.withLease('p', {}, async ({ signal }) => await firstOf(signal, LEASE_MS))
    expect(outcome?.value).toBeInstanceOf(LeaseLostError)
  })

  it('lasts for as long as it is renewed', async () => {
    const { leases } = leasesWith({})
    expect(await leases.withLease('p', {}, async ({ signal }) => await firstOf(signal, 3 * LEASE_MS))).toEqual({ value: 'the end' })
  })

  it('is lost as soon as it is somebody else\'s', async () => {
    const { leases } = leasesWith({ renew: async () => false })
    const outcome = await leases.withLease('p', {}, async ({ signal }) => await firstOf(signal, LEASE_MS / 2))
    expect(outcome?.value).toBeInstanceOf(LeaseLostError)
  })

  it('that was granted too late is not begun with, and given back', async () => {
    const { leases, released } = leasesWith({ claim: async (id) => await sleep(LEASE_MS, id) })
    let hasBegun = false
    await expect(leases.withLease('p', {}, async () => { hasBegun = true })).rejects.toBeInstanceOf(LeaseLostError)
    expect([hasBegun, released]).toEqual([false, ['p']])
  })

  it('ends with its work, whether a renewal is under way or not', async () => {
    const { leases } = leasesWith({ renew: async () => await never })
    const outcome = await leases.withLease('p', {}, async () => await sleep(LEASE_MS / 2, 'done'))
    expect(outcome).toEqual({ value: 'done' })
  })
})
