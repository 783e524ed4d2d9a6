import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildAgent } from '../support/agent-binary.ts'
import { encodeSteps, keep, loadCorpus } from './corpus.ts'
import { compose, vary, type Step } from './grammar.ts'
import { play } from './play.ts'
import { createRandom } from './random.ts'

// By hand: `FUZZ_SECONDS=3600 FUZZ_SEED=7 npx vitest run --project fuzz`; FUZZ_KEEP=1 adds what is new to the corpus.
const seconds = Number(process.env.FUZZ_SECONDS ?? 60)
const seed = Number(process.env.FUZZ_SEED ?? 1)
const isKeeping = process.env.FUZZ_KEEP === '1'
const AT_ONCE = 6

let binary = ''
beforeAll(async () => { binary = await buildAgent('agent-asan') }, 300_000)

/** The conversation is left where it can be played again. */
async function expectNoFault (steps: readonly Step[], fault: string | undefined): Promise<void> {
  if (fault === undefined) return
  const file = join(tmpdir(), 'berth-fuzz-fault.json')
  await writeFile(file, encodeSteps(steps))
  expect.fail(`seed ${seed}, conversation in ${file} (copy it into test/fuzz/corpus): ${fault}`)
}

describe('an agent whose guest and whose server are hostile', () => {
  it('lives through every conversation that is kept', async () => {
    const corpus = await loadCorpus()
    expect(corpus.size).toBeGreaterThan(0)
    for (const steps of corpus.values()) await expectNoFault(steps, (await play(binary, steps)).fault)
  }, 120_000)

  it('lives through new ones', async () => {
    const random = createRandom(seed)
    const known = [...(await loadCorpus()).values()]
    const seen = new Set<string>()
    const until = Date.now() + seconds * 1000
    let played = 0
    const playSome = async (): Promise<void> => {
      while (Date.now() < until) {
        const steps = known.length > 0 && random.chance(0.6) ? vary(random, random.pick(known), random.pick(known)) : compose(random)
        const { fault, signature } = await play(binary, steps)
        await expectNoFault(steps, fault)
        played++
        const isNew = [...signature].some((answer) => !seen.has(answer))
        for (const answer of signature) seen.add(answer)
        if (!isNew) continue
        known.push(steps)
        if (isKeeping) await keep(steps)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, playSome))
    console.log(`${played} conversations, ${seen.size} kinds of answers`)
    expect(played).toBeGreaterThan(0)
  }, seconds * 1000 + 60_000)
})
