import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { haveProjectsNetwork, NO_NETWORK } from '../support/project-network.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { signUp, type User } from './user.ts'

let berth: Berth
let user: User
let id: string
let neighbour: string
beforeAll(async () => {
  berth = await startProjectsBerth({}, { settings: { projects: { fileBytes: 2 ** 20 } } })
  user = await signUp(berth.origin)
  ;({ id } = await user.createProject())
  ;({ id: neighbour } = await user.createProject({ name: 'neighbour' }))
})
afterAll(async () => {
  await user.remove(id)
  await user.remove(neighbour)
  await berth.stop()
})

/** What the sandbox looks like from inside. */
async function look<T> (expression: string, project = id): Promise<T> {
  const result = await user.exec(project, ['python3', '-c', `import json, os, resource, socket\nprint(json.dumps(${expression}))`])
  if (result.status !== 'completed') throw new Error(result.error)
  return JSON.parse(result.output) as T
}

describe('from inside a project sandbox', () => {
  it('a command is an unprivileged user with no capabilities and no way to any', async () => {
    const status = await look<Record<string, string>>('dict(line.rstrip("\\n").split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)')
    const uid = await look<number>('os.getuid()')
    const ids = Array(4).fill(uid).join('\t')
    expect(uid).toBeGreaterThan(2 ** 20)
    expect(status).toMatchObject({ Uid: ids, Gid: ids, NoNewPrivs: '1', Seccomp: '2' })
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) expect([set, status[set]]).toEqual([set, '0000000000000000'])
  })

  it('the root is read-only and nothing is writable but the volume and scratch', async () => {
    const writable = await look<string[]>('[d for d, _, _ in os.walk("/") if not d.startswith(("/proc", "/sys")) and os.access(d, os.W_OK)]')
    expect(writable.filter((directory) => !directory.startsWith('/workspace/')).sort()).toEqual(['/dev/mqueue', '/dev/shm', '/tmp', '/workspace'])
    const { usage } = await user.status(id)
    expect(await look('os.statvfs("/tmp").f_blocks * os.statvfs("/tmp").f_frsize')).toBe(0.75 * (usage?.memoryLimit ?? 0))
  })

  it('files, open files and cores have their limits', async () => {
    expect(await look('{n: resource.getrlimit(getattr(resource, "RLIMIT_" + n)) for n in ("CORE", "FSIZE", "NOFILE")}'))
      .toEqual({ CORE: [0, 0], FSIZE: [1_048_576, 1_048_576], NOFILE: [4096, 4096] })
    expect((await user.exec(id, ['python3', '-c', 'open("big", "wb").write(bytes(2**20 + 1))'])).error).toMatch(/File too large/)
  })

  it('nothing of the Engine, the host or the server is in sight', async () => {
    expect(await look<string[]>('sorted(os.environ)')).toEqual(expect.not.arrayContaining(['API_KEY', 'DATABASE_URL', 'JWT_SECRET', 'DOCKER_HOST']))
    expect(await look('[p for p in ("/var/run/docker.sock", "/run/docker.sock", "/dev/sda", "/dev/mem", "/dev/kmsg") if os.path.exists(p)]')).toEqual([])
  })

  it('init cannot be read, traced, signalled or replaced', async () => {
    const result = await user.exec(id, ['python3', '-c', `
import os
def attempt(name, f):
  try: print(name, "worked", f())
  except OSError as e: print(name, e.errno)
attempt("mem", lambda: open("/proc/1/mem", "rb"))
attempt("fd", lambda: os.listdir("/proc/1/fd"))
attempt("replace", lambda: os.rename("/berth/agent", "/berth/old"))
for s in range(1, 65):
  try: os.kill(1, s)
  except OSError: pass`])
    expect(result).toMatchObject({ output: 'mem 13\nfd 13\nreplace 30\n', error: '' })
    expect(await user.status(id)).toMatchObject({ status: 'running' })
  })

  it('a server in the project answers on its published port, and no other project can reach it', async ({ skip }) => {
    skip(!await haveProjectsNetwork(berth), NO_NETWORK)
    const server = user.exec(id, ['python3', '-m', 'http.server', '3000'], { timeout: 15_000 })
    const { preview } = await user.status(id)
    const answer = await waitFor('the server to answer', async () => await fetch(`http://127.0.0.1:${preview.hostPort}/`).then(async (response) => await response.text(), () => false as const))
    expect(answer).toMatch(/Directory listing/)
    const address = await look<string>('socket.gethostbyname(socket.gethostname())')
    expect(address).not.toMatch(/^127\./)
    const connect = `(lambda s: s.settimeout(2) or s.connect_ex(("${address}", 3000)))(socket.socket())`
    expect(await look(connect)).toBe(0)
    expect(await look(connect, neighbour)).not.toBe(0)
    await user.stop(id)
    expect((await server).status).toBe('killed')
  })

  it('the names of neighbours do not tell which projects they are', async () => {
    await Promise.all([user.start(id), user.start(neighbour)])
    const address = await look<string>('socket.gethostbyname(socket.gethostname())', neighbour)
    const seen = await user.exec(id, ['python3', '-c', `import socket, sys\ntry: print(socket.gethostbyaddr(${JSON.stringify(address)}))\nexcept OSError as e: print(e)`])
    expect(seen.output).not.toBe('')
    expect(seen.output).not.toContain(neighbour)
    expect(await user.exec(id, ['getent', 'hosts', `berth-project-${neighbour}`])).toMatchObject({ output: '' })
  })

  it('without a network there is loopback only, and no published port', async () => {
    const isolated = await startProjectsBerth({ SANDBOX_NETWORK_MODE: 'none' })
    const loner = await signUp(isolated.origin)
    const project = await loner.createProject()
    expect(await loner.start(project.id)).toMatchObject({ status: 'running', preview: { hostPort: null } })
    expect(await loner.exec(project.id, 'ls /sys/class/net')).toMatchObject({ output: 'lo\n' })
    await loner.remove(project.id)
    await isolated.stop()
  })
})
