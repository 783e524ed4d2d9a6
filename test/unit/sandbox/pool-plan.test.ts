import { describe, expect, it } from 'vitest'
import { planPool, type PoolPolicy, type PoolSnapshot, type SlotView } from '../../../src/sandbox/pool/plan.ts'

const NOW = 1_000_000
const policy: PoolPolicy = {
  warmPerLanguage: 1,
  maxWarmPerLanguage: 4,
  maxIdle: 8,
  maxIdleOwned: 2,
  maxOwnedIdleMs: 30_000,
  maxRuns: 10,
  maxAgeMs: 60_000,
  maxRefills: 2
}

const slot = (id: string, fields: Partial<SlotView> = {}): SlotView =>
  ({ id, language: 'python', owner: null, state: 'idle', runs: 0, createdAtMs: NOW, idleSinceMs: NOW, ...fields })

const snapshot = (fields: Partial<PoolSnapshot> = {}): PoolSnapshot =>
  ({ nowMs: NOW, languages: ['python'], slots: [], waiters: [], starting: new Map(), notBeforeMs: new Map(), demand: new Map(), ...fields })

describe('pool plan', () => {
  it.each<{ name: string, given: Partial<PoolSnapshot>, start?: string[], retire?: string[] }>([
    { name: 'starts a fresh sandbox for a language without one', given: {}, start: ['python'] },
    { name: 'starts nothing while one is starting', given: { starting: new Map([['python', 1]]) } },
    { name: 'starts nothing while a fresh one is idle', given: { slots: [slot('a')] } },
    { name: 'does not count a sandbox that has served somebody as fresh', given: { slots: [slot('a', { owner: 'x' })] }, start: ['python'] },
    { name: 'counts a fresh one whose version is being read and put back', given: { slots: [slot('a', { state: 'resetting' })] } },
    { name: 'starts but one for who claims for nobody', given: { waiters: [{ language: 'python', owner: null }] }, start: ['python'] },
    { name: 'starts nothing while one is lent to nobody', given: { slots: [slot('a', { state: 'busy' })] } },
    { name: 'starts one for each who waits, and one to be warm', given: { waiters: [{ language: 'python', owner: 'x' }, { language: 'python', owner: 'y' }] }, start: ['python', 'python', 'python'] },
    { name: 'starts none for who is served by a reset of their own', given: { slots: [slot('a'), slot('b', { owner: 'x', state: 'resetting' })], waiters: [{ language: 'python', owner: 'x' }] } },
    { name: 'starts one for who waits beside the reset of another', given: { slots: [slot('b', { owner: 'y', state: 'resetting' })], waiters: [{ language: 'python', owner: 'x' }] }, start: ['python', 'python'] },
    { name: 'lets those who wait go before refills', given: { languages: ['bun', 'python'], waiters: [{ language: 'python', owner: 'x' }] }, start: ['python', 'bun', 'python'] },
    { name: 'refills so many at once at the most', given: { languages: ['a', 'b', 'c', 'd'] }, start: ['a', 'b'] },
    { name: 'does not refill a language whose last start failed', given: { notBeforeMs: new Map([['python', NOW + 1]]) } },
    { name: 'tries again after a while', given: { notBeforeMs: new Map([['python', NOW]]) }, start: ['python'] },
    { name: 'starts for who waits even after a failure', given: { notBeforeMs: new Map([['python', NOW + 1]]), waiters: [{ language: 'python', owner: 'x' }] }, start: ['python'] },
    { name: 'retires what is worn and replaces it', given: { slots: [slot('a', { runs: 10 })] }, retire: ['a'], start: ['python'] },
    { name: 'retires what is old', given: { slots: [slot('a', { createdAtMs: NOW - 60_000 })] }, retire: ['a'], start: ['python'] },
    { name: 'never retires what is busy', given: { slots: [slot('a'), slot('b', { runs: 10, state: 'busy', owner: 'x' })] } },
    {
      name: 'keeps the owned ones that were used last',
      given: { slots: [slot('f'), slot('a', { owner: 'x', idleSinceMs: NOW - 3 }), slot('b', { owner: 'y', idleSinceMs: NOW - 1 }), slot('c', { owner: 'z', idleSinceMs: NOW - 2 })] },
      retire: ['a']
    },
    { name: 'retires fresh ones that nobody came for', given: { slots: [slot('a'), slot('b')] }, retire: ['b'] },
    { name: 'retires what an owner has not come back for', given: { slots: [slot('f'), slot('a', { owner: 'x', idleSinceMs: NOW - 30_000 })] }, retire: ['a'] },
    { name: 'keeps more of what is asked for more', given: { slots: [slot('a')], demand: new Map([['python', { freshPerSecond: 2.5, lastUsedMs: NOW }]]) }, start: ['python', 'python'] },
    { name: 'keeps no more than its most, however much is asked for', given: { slots: [slot('a'), slot('b'), slot('c'), slot('d')], demand: new Map([['python', { freshPerSecond: 50, lastUsedMs: NOW }]]) } },
    {
      name: 'keeps one of each language used last when the budget is short',
      given: { languages: ['a', 'b', ...Array.from({ length: 8 }, (_, i) => `l${i}`)], slots: Array.from({ length: 8 }, (_, i) => slot(`s${i}`, { language: `l${i}` })), demand: new Map([['b', { freshPerSecond: 0, lastUsedMs: NOW }]]) },
      start: ['a', 'b'],
      retire: ['s6', 's7']
    },
    {
      name: 'counts what is kept for owners in the budget',
      given: { languages: ['a', 'b', 'c', 'd', 'e', 'f', 'python'], slots: [slot('x', { owner: 'x' }), slot('y', { owner: 'y' }), ...['a', 'b', 'c', 'd', 'e', 'f'].map((language) => slot(language, { language }))] }
    },
    { name: 'retires what is of no known language', given: { languages: [], slots: [slot('a')] }, retire: ['a'] }
  ])('$name', ({ given, start = [], retire = [] }) => {
    expect(planPool(snapshot(given), policy)).toEqual({ start, retire })
  })
})
