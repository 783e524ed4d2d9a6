import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, startBerth, type Berth, type ErrorBody } from '../live/support/berth.ts'
import { signUp, type User } from '../live/projects/user.ts'
import { waitFor } from '../support/wait-for.ts'

const run = promisify(execFile)
const vmLab = async (...args: string[]): Promise<void> => { await run(path.join(root, 'test/labs/vm-lab.sh'), args) }

let berth: Berth
let user: User
let id: string
beforeAll(async () => {
  berth = await startBerth({ RUNTIMES: 'python', LOG_LEVEL: 'silent', SNAPSHOT_INTERVAL: 'off' })
  user = await signUp(berth.origin)
  ;({ id } = await user.createProject())
})
afterAll(async () => {
  await user.remove(id)
  await berth.stop()
})

it('has what most machines have: cgroup v2, driven by systemd, and AppArmor', async () => {
  const { CgroupVersion, CgroupDriver, SecurityOptions } = await berth.app.docker.system.info()
  expect({ CgroupVersion, CgroupDriver }).toEqual({ CgroupVersion: '2', CgroupDriver: 'systemd' })
  expect(SecurityOptions.join()).toContain('apparmor')
})

describe.each<[string, () => Promise<void>]>([
  ['the Engine restarts', async () => await vmLab('exec', 'systemctl restart docker')],
  ['the machine loses its power', async () => { await vmLab('cut'); await vmLab('boot') }]
])('when %s', (what, happens) => {
  // A busy machine takes a quarter of an hour to boot an emulated one.
  it('runs under way end with an error that says so, projects stop with their files, and both work again', { timeout: 1_800_000 }, async () => {
    await user.start(id)
    expect((await user.send('PUT', `/projects/${id}/files/kept`, undefined, { body: what })).status).toBeLessThan(300)
    const running = berth.post({ language: 'python', code: 'import time; time.sleep(50)', timeout: 60_000 })
    await waitFor('the run to be under way', async () =>
      ((await (await berth.get('/api/system')).json()) as { capacity: { running: number } }).capacity.running === 1)

    await happens()
    const lost = await running
    expect([lost.status, (await lost.json() as ErrorBody).code]).toEqual([expect.toSatisfy((status: number) => status >= 500), expect.stringMatching(/^(ENGINE_UNAVAILABLE|RUN_FAILED)$/)])

    await waitFor('the project to be stopped', async () => (await user.status(id)).status === 'stopped')
    expect(await user.start(id)).toMatchObject({ status: 'running', error: null })
    expect(await user.exec(id, 'cat kept')).toMatchObject({ output: what })
    await waitFor('runs to work', async () => (await berth.post({ language: 'python', code: 'print(1)' })).status === 200)
    expect(await berth.execute({ language: 'python', code: 'print(6 * 7)' })).toMatchObject({ status: 'completed', output: '42\n' })
    await user.stop(id)
  })
})
