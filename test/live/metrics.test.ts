import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, startBerth, type Berth, type ErrorBody } from './support/berth.ts'
import { startEngineProxy } from './support/engine-proxy.ts'
import { engineSocket } from './support/engine-socket.ts'
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
      /^berth_process_resident_memory_bytes \d+$/m,
      /^berth_http_request_seconds_count\{method="POST",status="200"\} 2$/m,
      /^berth_ready\{part="engine"\} 1$/m,
      /^berth_ready\{part="database"\} 1$/m,
      /^berth_ready\{part="fits"\} 1$/m,
      /^berth_disk_free_bytes\{disk="projects"\} \d+$/m,
      /^berth_disk_free_bytes\{disk="data"\} \d+$/m,
      /^berth_disk_reserve_bytes\{disk="data"\} \d+$/m,
      /^berth_projects\{status="running"\} 0$/m,
      /^berth_projects_unsaved 0$/m
    ]) expect(text).toMatch(line)
  })

  it('count the errors that people get, by code', async () => {
    const answer = await berth.post({ language: 'no such language', code: '' })
    const { code } = await answer.json() as ErrorBody
    expect([answer.status, code]).toEqual([400, 'UNKNOWN_LANGUAGE'])
    expect(await (await metrics()).text()).toMatch(/^berth_http_errors_total\{code="UNKNOWN_LANGUAGE"\} 1$/m)
  })

  it.each(['alerts.yaml', 'dashboard.json'])('have what %s asks for', async (file) => {
    const asked = new Set((await readFile(path.join(root, 'src/operations/monitoring', file), 'utf8')).match(/\bberth_[a-z0-9_]+/g))
    const told = await (await metrics()).text()
    expect(asked.size).toBeGreaterThan(5)
    expect([...asked].filter((name) => !told.includes(`# TYPE ${name.replace(/_(bucket|count|sum)$/, '')} `))).toEqual([])
  })

  it('lack what cannot be told, and nothing else', async () => {
    const proxy = await startEngineProxy(engineSocket)
    const cut = await startBerth({ DOCKER_HOST: proxy.host, LOG_LEVEL: 'silent' }, { catalogue: noLanguages })
    try {
      await proxy.cut()
      const text = await (await fetch(`${cut.origin}/metrics`)).text()
      expect(text).toMatch(/^berth_ready\{part="engine"\} 0$/m)
      expect(text).toMatch(/^berth_ready\{part="database"\} 1$/m)
      expect(text).toMatch(/^berth_disk_free_bytes\{disk="data"\} \d+$/m)
      expect(text).toMatch(/^berth_projects\{status="stopped"\} 0$/m)
    } finally {
      await proxy.open()
      await cut.stop()
      await proxy.close()
    }
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
