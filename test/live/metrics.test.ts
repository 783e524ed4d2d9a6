import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBerth, type Berth } from './support/berth.ts'
import { noLanguages } from './support/no-languages.ts'

let berth: Berth
beforeAll(async () => { berth = await startBerth() })
afterAll(async () => await berth.stop())

const metrics = async (headers: Record<string, string> = {}) => await fetch(`${berth.origin}/metrics`, { headers })

describe('metrics', () => {
  it('tell this machine where the time of runs goes, and what the pool holds', async () => {
    await berth.execute({ language: 'python', code: 'print(1)' })
    await berth.execute({ language: 'python', code: 'raise SystemExit(3)' })
    const response = await metrics()
    expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain; version=0\.0\.4/)])
    const text = await response.text()
    for (const line of [
      /^berth_run_queue_seconds_count\{language="python"\} 2$/m,
      /^berth_run_claim_seconds_count\{language="python"\} 2$/m,
      /^berth_run_program_seconds_count\{language="python",status="completed"\} 1$/m,
      /^berth_run_program_seconds_count\{language="python",status="runtime_error"\} 1$/m,
      /^berth_run_total_seconds_bucket\{le="60",language="python",status="completed"\} 1$/m,
      /^berth_queue_running\{queue="short"\} 0$/m,
      /^berth_queue_waiting\{queue="long"\} 0$/m,
      /^berth_sessions_unrecorded_total 0$/m,
      /^berth_pool_sandboxes\{language="python",state="fresh"\} \d+$/m,
      /^berth_sandboxes_stuck 0$/m,
      /^berth_process_resident_memory_bytes \d+$/m
    ]) expect(text).toMatch(line)
  })

  it.each([
    ['Forwarded', 'for=203.0.113.9'], ['X-Real-IP', '203.0.113.9'], ['Via', '1.1 proxy'], ['X-Forwarded-Proto', 'https']
  ])('are not for whom a proxy on this machine asks with %s', async (name, value) => {
    expect((await metrics({ [name]: value })).status).toBe(401)
  })

  it('need a key behind a proxy, whatever it says', async () => {
    for (const env of [{ PUBLIC_URL: 'https://berth.example.org' }, { TRUST_PROXY: '1' }]) {
      const proxied = await startBerth(env, { catalogue: noLanguages })
      try {
        expect((await fetch(`${proxied.origin}/metrics`)).status).toBe(401)
        expect((await proxied.get('/metrics')).status).toBe(200)
      } finally {
        await proxied.stop()
      }
    }
  })

  it('are not for others without the key of an administrator', async () => {
    const forwarded = { 'X-Forwarded-For': '203.0.113.9' }
    expect((await metrics(forwarded)).status).toBe(401)
    expect((await metrics({ ...forwarded, 'X-API-Key': 'brt_wrong' })).status).toBe(401)
    expect((await metrics({ ...forwarded, 'X-API-Key': berth.key })).status).toBe(200)
  })
})
