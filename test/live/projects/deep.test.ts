import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { filesOf } from '../files/client.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { signUp, type User } from './user.ts'

/**
 * Four trees that can be made each, moved into one another from the innermost on: in all deeper than the 8192 bytes that
 * AppArmor looks up, where there is AppArmor. A file that is open meanwhile lies at its end.
 */
const DEEP = `
import os
os.makedirs("kept"); top = os.open(".", os.O_RDONLY); ends = []
for tree in range(4):
  os.fchdir(top); os.mkdir(f"t{tree}"); os.chdir(f"t{tree}")
  for _ in range(39): os.mkdir("d" * 100); os.chdir("d" * 100)
  ends.append(os.open(".", os.O_RDONLY))
hidden = open("hidden", "wb")
os.fchdir(top)
for tree in (3, 2, 1): os.rename(f"t{tree}", "inner", dst_dir_fd=ends[tree - 1])
os.rename("t0", "kept/deep")
`

let berth: Berth
let hasAppArmor: boolean
let user: User
let id: string
beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_SIZE: '64m', SNAPSHOT_INTERVAL: 'off' })
  hasAppArmor = (await berth.app.docker.system.info()).SecurityOptions.some((option) => option.includes('apparmor'))
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())
beforeEach(async () => {
  ({ id } = await user.createProject())
  await user.exec(id, ['python3', '-c', DEEP])
})
afterEach(async () => await user.remove(id))

const files = () => filesOf(berth.origin, user, id)

describe('a tree deeper than the system looks names up', () => {
  it.each(['running', 'stopped'])('is deleted, in a project that is %s', async (state) => {
    if (state === 'stopped') await user.stop(id)
    expect((await files().list()).entries.map(({ path }) => path)).toEqual(['kept'])
    expect((await files().send('DELETE', 'kept/deep')).status).toBe(204)
    expect((await files().list('depth=9')).entries.map(({ path }) => path)).toEqual(['kept'])
  })

  it('is copied whole, or not at all, with the reason', async () => {
    const copied = await files().operate({ op: 'copy', path: 'kept', to: 'copy' })
    if (hasAppArmor) expect(copied).toMatchObject({ status: 409, body: { code: 'TREE_TOO_DEEP' } })
    else expect(copied).toMatchObject({ status: 200, body: { path: 'copy' } })
    expect((await files().list()).entries.map(({ path }) => path)).toEqual(hasAppArmor ? ['kept'] : ['copy', 'kept'])
  })

  it('is left out of archives and snapshots, which are made all the same', async () => {
    await files().put('beside', 'kept')
    const archive = await user.send('GET', `/projects/${id}/archive`)
    expect([archive.status, gunzipSync(await archive.arrayBuffer()).includes('beside')]).toEqual([200, true])
    const { status, body } = await user.call<{ id: string }>('POST', `/projects/${id}/snapshots`, {})
    expect(status).toBe(201)
    expect((await user.call('POST', `/projects/${id}/snapshots/${body.id}/restore`)).status).toBe(200)
    expect(await files().text('beside')).toBe('kept')
  })

  it('hides nothing of what a project takes of the disk', async () => {
    const writing = user.call('POST', `/projects/${id}/exec`, { cmd: ['python3', '-c', `${DEEP.replace('"kept"', '"more"').replace('"kept/', '"more/')}\nimport time\nfor _ in range(200): hidden.write(bytes(2 ** 20)); hidden.flush()\ntime.sleep(60)`], timeout: 60_000 })
    const { error } = await waitFor('the guard to stop the project', async () => {
      const status = await user.status(id)
      return status.status === 'stopped' && status.error !== null && status
    }, 30_000)
    expect(error).toMatch(hasAppArmor ? /nested so deep.*Delete files/ : /take more than the 67108864 bytes/)
    await writing
    for (const path of ['kept', 'more']) expect((await files().send('DELETE', path)).status).toBe(204)
    expect(await user.start(id)).toMatchObject({ status: 'running', error: null })
  })
})
