import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { putVite } from '../../browser/support/vite-packages.ts'
import { signUp, type User } from '../projects/user.ts'
import { startBerth, type Berth } from '../support/berth.ts'
import { launch, waitForPort } from './running-app.ts'
import { createVisitor } from './visitor.ts'

const PORT = 5173
const FILES = {
  'index.html': '<!doctype html><title>Vite</title><script type="module" src="/main.js"></script>',
  'main.js': "import { greeting } from './greeting.js'\ndocument.body.append(greeting)\nimport.meta.hot.accept('./greeting.js', () => undefined)\n",
  'greeting.js': "export const greeting = 'before'\n"
}

let berth: Berth
let user: User
let projectId: string

beforeAll(async () => {
  berth = await startBerth()
  user = await signUp(berth.origin)
  const files = Object.entries(FILES).map(([path, content]) => ({ path, content }))
  projectId = (await user.createProject({ runtime: 'javascript', files })).id
  const { containerId } = await user.start(projectId)
  await putVite(berth.app.docker, containerId ?? '')
  await launch(berth, user, projectId, ['node', 'node_modules/vite/bin/vite.js'])
  await waitForPort(user, projectId, PORT)
})
afterAll(async () => {
  await user.remove(projectId)
  await berth.stop()
})

it('Vite, which checks Host and Origin and listens on the loopback only, serves modules and tells of changes', async () => {
  const visitor = createVisitor(berth, projectId, PORT, { 'x-api-key': user.key })
  expect((await visitor.visit('/main.js')).text).toContain('/greeting.js')
  const client = await visitor.visit('/@vite/client')
  const token = /const wsToken = "([^"]+)"/.exec(client.text)?.[1] ?? ''
  expect(token).not.toBe('')

  const { port } = new URL(berth.origin)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/?token=${token}`, 'vite-hmr', { headers: { host: visitor.host, origin: visitor.origin, 'x-api-key': user.key } })
  const [hello] = await once(socket, 'message') as [Buffer]
  expect(JSON.parse(hello.toString())).toEqual({ type: 'connected' })
  // Vite tells of changes to what some page has asked for.
  expect((await visitor.visit('/greeting.js')).text).toContain('before')
  const changed = once(socket, 'message')
  await user.exec(projectId, 'sed -i s/before/after/ greeting.js')
  expect(JSON.parse(String((await changed)[0]))).toMatchObject({ type: 'update', updates: [{ path: '/main.js', acceptedPath: '/greeting.js' }] })
  expect((await visitor.visit('/greeting.js')).text).toContain('after')
  socket.close()
  await once(socket, 'close')
})
