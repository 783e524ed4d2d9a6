import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../../src/sandbox/images/catalogue.ts'
import { loadSmoke } from '../../../src/sandbox/images/smoke.ts'
import { imagesDirectory, startBerth, type Berth } from '../support/berth.ts'

const { runtimes } = await loadCatalogue(imagesDirectory)

let berth: Berth
beforeAll(async () => { berth = await startBerth({ RUNTIMES: 'all' }) })
afterAll(async () => await berth.stop())

describe('smoke programs', () => {
  it.each(runtimes.map((runtime) => [runtime.language, runtime] as const))('%s runs its own in a hardened sandbox', async (language, runtime) => {
    const { files, input, output } = await loadSmoke(runtime)
    // A compiler that shares two cores with everything else takes its time.
    const result = await berth.execute({ language, files, input, timeout: 30_000, ...(runtime.kind === 'compiled' ? { compileTimeout: 60_000 } : {}) })
    expect(result).toMatchObject({ status: 'completed', exitCode: 0, output, error: '' })
  })
})
