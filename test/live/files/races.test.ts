import { afterAll, beforeAll, expect, it } from 'vitest'
import { openFiles, type FilesAnswer, type FilesClient } from '../../support/files-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'

const OPERATIONS = 10_000
const AT_ONCE = 16
const TARGETS = ['/tmp/outside', '/etc', '/proc/1', '../../../../etc', '/']
// What is in each directory, and also where the link leads that takes its place.
const NAMES = ['passwd', 'hostname', 'status', 'cmdline', 'victim']
const REFUSALS = ['BAD_PATH', 'FILE_NOT_FOUND', 'FILE_EXISTS', 'NOT_A_FILE', 'FILE_DENIED']

// Exchanges each directory with a link, and moves each one's inner directory out of the project and in again, as fast as it can.
const SWAP = `
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def exchange(a, b):
  if libc.syscall(316, -100, a.encode(), -100, b.encode(), 2) != 0: raise OSError(ctypes.get_errno(), a)
targets = ${JSON.stringify(TARGETS)}
names = ${JSON.stringify(NAMES)}
def fill(directory, text):
  os.makedirs(directory, exist_ok=True)
  for name in names:
    with open(f"{directory}/{name}", "w") as file: file.write(text)
fill("/tmp/outside", "outside")
for i, target in enumerate(targets):
  fill(f"d{i}", "inside")
  fill(f"d{i}/deep", "inside")
  os.symlink(target, f"l{i}")
open("ready", "w").close()
rounds = 0
while not os.path.exists("stop"):
  for i in range(len(targets)):
    exchange(f"d{i}", f"l{i}")
    try: os.rename(f"d{i}/deep", "elsewhere"); os.rename("elsewhere", f"d{i}/deep")
    except OSError: pass
  rounds += 1
print(rounds)`

let berth: Berth
let user: User
let id: string
let files: FilesClient

beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_CPUS: '2', RATE_LIMIT: 'off' })
  user = await signUp(berth.origin)
  ;({ id } = await user.createProject())
  await user.start(id)
  files = await openFiles(berth.origin, id, user.key)
})
afterAll(async () => {
  await files.close()
  await user.remove(id)
  await berth.stop()
})

/** The same numbers each time, so that one run meets what another did. */
function createRandom (): (below: number) => number {
  let state = 1
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
}

const random = createRandom()

function pickOperation (): readonly [string, object] {
  const directory = `d${random(TARGETS.length)}${random(3) === 0 ? '/deep' : ''}`
  const path = `${directory}/${NAMES[random(NAMES.length)]}`
  const fresh = (): string => `d${random(TARGETS.length)}/new-${random(4)}`
  const content = 'inside'
  const operations: ReadonlyArray<readonly [string, object]> = [
    ['read', { path }],
    ['read', { path }],
    ['list', { path: directory }],
    ['stat', { path }],
    ['write', { path, content }],
    ['write', { path: fresh(), content }],
    ['copy', { path, to: fresh(), overwrite: true }],
    ['move', { path: fresh(), to: fresh(), overwrite: true }],
    ['delete', { path: random(4) === 0 ? path : fresh() }]
  ]
  return operations[random(operations.length)] ?? ['stat', { path }]
}

/** Nothing of an answer may be from outside the project. */
function check (op: string, answer: FilesAnswer): void {
  if (!answer.ok) expect(REFUSALS).toContain(answer.code)
  else if (op === 'read') expect(answer.content).toBe('inside')
  else if (op === 'list') {
    const names = (answer.entries as Array<{ path: string }>).map(({ path }) => path.split('/').at(-1) ?? '')
    expect(names.filter((name) => !NAMES.includes(name) && !/^(new-\d+|deep)$/.test(name))).toEqual([])
  }
}

/** What there is outside the project, as the program sees it. */
async function outside (): Promise<string> {
  return (await user.exec(id, 'ls -A / /tmp; ls -lAR /etc | sha256sum; find /etc -type f -readable | sort | xargs sha256sum | sha256sum')).output
}

it(`${OPERATIONS} operations touch nothing outside while a program swaps directories for links under them`, { timeout: 240_000 }, async () => {
  const swapping = user.exec(id, ['python3', '-c', SWAP], { timeout: 230_000 })
  await waitFor('the program to be ready', async () => (await files.call('stat', { path: 'ready' })).ok)
  const before = await outside()

  const outcomes = new Map<string, number>()
  let left = OPERATIONS
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) {
      const [op, fields] = pickOperation()
      const answer = await files.call(op, fields)
      check(op, answer)
      const outcome = `${op} ${answer.ok ? 'done' : answer.code}`
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
  }))
  await files.get('write', { path: 'stop', content: '' })

  expect(await swapping).toMatchObject({ status: 'completed', error: '' })
  expect(await user.exec(id, 'cat /tmp/outside/*; ls /tmp/outside')).toMatchObject({ output: `${'outside'.repeat(NAMES.length)}${[...NAMES].sort().join('\n')}\n` })
  expect(await outside()).toBe(before)
  // Both sides of the race have been met, for each kind of operation.
  expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['read', 'list', 'stat', 'write', 'copy', 'move', 'delete'].flatMap((op) => [`${op} done`, `${op} BAD_PATH`])))
})
