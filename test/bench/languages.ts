import path from 'node:path'
import { percentiles } from '../../src/lib/percentiles.ts'
import type { ExecuteResult } from '../../src/runtime/execution/schemas.ts'
import { loadCatalogue, type Runtime } from '../../src/sandbox/images/catalogue.ts'
import { loadSmoke } from '../../src/sandbox/images/smoke.ts'
import { startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { waitFor } from '../support/wait-for.ts'
import type { Print } from './measure.ts'

const WARM_ROUNDS = 7
const COLD_ROUNDS = 3
const READY_DEADLINE_MS = 120_000

interface Timing {
  readonly totalMs: number
  readonly result: ExecuteResult
}

async function runSmoke (server: ServerProcess, runtime: Runtime): Promise<Timing> {
  const { files, input, output } = await loadSmoke(runtime)
  const start = performance.now()
  const response = await fetch(`${server.origin}/api/execute`, {
    method: 'POST',
    headers: { 'X-API-Key': server.key, 'Content-Type': 'application/json' },
    body: JSON.stringify({ language: runtime.language, files, input })
  })
  const result = await response.json() as ExecuteResult
  if (response.status !== 200 || result.output !== output) throw new Error(`${runtime.language}: ${response.status} ${JSON.stringify(result)}`)
  return { totalMs: performance.now() - start, result }
}

async function runAll (env: Record<string, string>, runtimes: readonly Runtime[], rounds: number): Promise<Map<string, Timing[]>> {
  const server = await startServerProcess(env)
  try {
    await waitFor('all languages', async () => {
      const { languages } = await (await fetch(`${server.origin}/api/languages`)).json() as { languages: Array<{ ready: boolean }> }
      return languages.every(({ ready }) => ready)
    }, READY_DEADLINE_MS)
    const timings = new Map<string, Timing[]>()
    for (const runtime of runtimes) {
      const samples: Timing[] = []
      for (let round = 0; round < rounds; round++) samples.push(await runSmoke(server, runtime))
      timings.set(runtime.language, samples)
    }
    return timings
  } finally {
    await server.stop()
  }
}

/** Each language's smoke program, warm and in a container that is started for it, as the table of the README. */
export async function benchLanguages (print: Print): Promise<void> {
  const { runtimes } = await loadCatalogue(path.join(import.meta.dirname, '../../sandbox-images'))
  const warm = await runAll({}, runtimes, WARM_ROUNDS)
  const cold = await runAll({ POOL_WARM: '0', SANDBOX_REUSE: 'never' }, runtimes, COLD_ROUNDS)
  const p50 = (values: number[]): string => (percentiles(values).p50 ?? 0).toFixed(0)
  print('| language | version | warm, ms | of it the compiler | cold, ms |')
  print('|---|---|---|---|---|')
  for (const { language, name } of runtimes) {
    const samples = (warm.get(language) ?? []).slice(1)
    const compiler = samples.map(({ result }) => result.compile?.executionTime).filter((ms) => ms !== undefined)
    const cells = [
      name,
      samples[0]?.result.version ?? '',
      p50(samples.map(({ totalMs }) => totalMs)),
      compiler.length === 0 ? '–' : p50(compiler),
      p50((cold.get(language) ?? []).map(({ totalMs }) => totalMs))
    ]
    print(`| ${cells.join(' | ')} |`)
  }
}
