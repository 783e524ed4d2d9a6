import { fork } from 'node:child_process'
import { once } from 'node:events'
import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { startServerProcess } from '../support/server-process.ts'
import { bePolite } from './hostile.ts'
import type { HostileClients } from './hostile-clients.ts'
import { HOSTILE_PROJECT_USERS } from './hostile-project-clients.ts'
import { reportLine, type Print } from './measure.ts'
import { UNLIMITED, createUsers } from './users.ts'

const QUIET_MS = 10_000
const HOSTILE_MS = Number(process.env.HOSTILE_MS ?? 60_000)
const LOOK_MS = 50

/** One polite user beside those whose projects fill the host's disk; also how much of it they have had at most. */
export async function benchHostileProjects (print: Print): Promise<void> {
  const server = await startServerProcess(UNLIMITED)
  try {
    const [polite = '', ...hostile] = await createUsers(server, 1 + HOSTILE_PROJECT_USERS)
    const quiet = await bePolite(server, polite, QUIET_MS)
    const freeBytes = async (): Promise<number> => {
      const { bavail, bsize } = await statfs('/var/lib/docker')
      return bavail * bsize
    }
    const before = await freeBytes()
    let least = before
    const looking = setInterval(() => { void freeBytes().then((free) => { least = Math.min(least, free) }) }, LOOK_MS)
    const others = fork(path.join(import.meta.dirname, 'hostile-project-clients.ts'))
    others.send({ origin: server.origin, keys: hostile } satisfies Omit<HostileClients, 'kind'>)
    const besides = await bePolite(server, polite, HOSTILE_MS)
    others.send('end')
    const [counts] = await once(others, 'message') as [number[]]
    clearInterval(looking)
    print('a polite user beside projects that fill the disk, its inodes, and files of holes, milliseconds')
    print(reportLine('quiet', quiet))
    print(reportLine('beside them (p99 target 5 x)', besides, quiet))
    print(`hostile projects ${counts.join(', ')}; they had ${((before - least) / 1e9).toFixed(1)} GB of the disk at most`)
  } finally {
    await server.stop()
  }
}
