import { once } from 'node:events'
import type { HostileClients } from './hostile-clients.ts'

/** What programs of projects do to the host's disk; each is done again and again, in a project that is made anew when it has been stopped. */
const MISDEEDS: ReadonlyArray<{ readonly name: string, readonly cmd: string, readonly isForked?: boolean }> = [
  { name: 'disk', cmd: 'i=0; while :; do i=$((i+1)); fallocate -l 1G f$i 2>/dev/null || dd if=/dev/zero of=f$i bs=1M count=1000 2>/dev/null || exit; done' },
  { name: 'disk, by files without a name', cmd: 'python3 -c "\nimport os\nkept = []\nblock = bytes(1 << 20)\nwhile True:\n  file = os.open(\'f\', os.O_RDWR | os.O_CREAT); os.unlink(\'f\'); kept.append(file)\n  for _ in range(100): os.write(file, block)"' },
  { name: 'inodes', cmd: 'python3 -c "\nimport os\nfor number in range(10**9): os.close(os.open(str(number), os.O_CREAT | os.O_WRONLY))"' },
  { name: 'sparse', cmd: 'i=0; while [ $i -lt 8 ]; do i=$((i+1)); truncate -s 1G hole$i; done', isForked: true }
]
export const HOSTILE_PROJECT_USERS = MISDEEDS.length

const COMMAND_MS = 20_000

async function misbehave ({ origin, key, until }: { origin: string, key: string, until: AbortSignal }, { cmd, isForked = false }: typeof MISDEEDS[number]): Promise<number> {
  const call = async (method: string, path: string, body?: unknown): Promise<{ status: number, id?: string }> => {
    const response = await fetch(origin + path, {
      method,
      headers: { 'X-API-Key': key, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    return { status: response.status, ...(text.startsWith('{') ? JSON.parse(text) as { id?: string } : {}) }
  }
  let count = 0
  while (!until.aborted) {
    const { id } = await call('POST', '/projects', { name: 'hostile', runtime: 'python' })
    if (id === undefined) throw new Error('a hostile user got no project')
    await call('POST', `/projects/${id}/exec`, { cmd, timeout: COMMAND_MS })
    const fork = isForked ? await call('POST', `/projects/${id}/fork`, { name: 'fork' }) : undefined
    for (const made of [id, ...(fork?.status === 201 && fork.id !== undefined ? [fork.id] : [])]) await call('DELETE', `/projects/${made}`)
    count++
  }
  return count
}

// Forked, not imported.
if (process.send !== undefined) {
  const [{ origin, keys }] = await once(process, 'message') as [Omit<HostileClients, 'kind'>]
  const ending = new AbortController()
  process.once('message', () => ending.abort())
  process.send(await Promise.all(MISDEEDS.map(async (misdeed, i) => await misbehave({ origin, key: keys[i] ?? '', until: ending.signal }, misdeed))))
  process.disconnect()
}
