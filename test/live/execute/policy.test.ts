import { eq } from 'drizzle-orm'
import { afterEach, describe, expect, it } from 'vitest'
import { auditEvents } from '../../../src/db/schema/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startBerth, type Berth, type ErrorBody } from '../support/berth.ts'

const CODE = 'import subprocess\nprint("hi")'

let berth: Berth
afterEach(async () => { await berth.stop() })

async function findEvent (action: string): Promise<{ userId: string | null, details: unknown }> {
  return await waitFor('the audit event', async () =>
    (await berth.app.db.select().from(auditEvents).where(eq(auditEvents.action, action)))[0])
}

describe('CODE_POLICY', () => {
  it('block refuses by every way in, and notes who tried', async () => {
    berth = await startBerth({ CODE_POLICY: 'block', RUNTIMES: 'python' })
    const refused = await berth.post({ language: 'python', code: CODE })
    expect(refused.status).toBe(400)
    expect(await refused.json() as ErrorBody).toMatchObject({ code: 'POLICY', message: expect.stringContaining('starts other programs') })
    expect((await berth.post({ language: 'python', code: CODE, interactive: true })).status).toBe(400)
    const piston = await fetch(`${berth.origin}/api/v2/execute`, {
      method: 'POST',
      headers: { 'X-API-Key': berth.key, 'Content-Type': 'application/json' },
      body: JSON.stringify({ language: 'python', version: '*', files: [{ content: CODE }] })
    })
    expect([piston.status, await piston.json()]).toEqual([400, { message: expect.stringContaining('starts other programs') }])
    const event = await findEvent('run.refuse')
    expect(event).toMatchObject({ userId: expect.any(String), details: { language: 'python', policy: expect.stringContaining('starts other programs') } })
    expect((await berth.execute({ language: 'python', code: 'print("hi")' })).output).toBe('hi\n')
  })

  it('warn runs it, says so in the answer, and notes it', async () => {
    berth = await startBerth({ RUNTIMES: 'python' })
    const result = await berth.execute({ language: 'python', code: CODE })
    expect(result).toMatchObject({ status: 'completed', output: 'hi\n', warnings: [expect.stringContaining('starts other programs')] })
    expect((await findEvent('run.warn')).details).toMatchObject({ language: 'python', policy: expect.stringContaining('starts other programs') })
  })
})
