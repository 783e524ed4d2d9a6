import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const SOURCE = join(import.meta.dirname, '../../sandbox-images/agent')

/** `agent` is what goes into sandboxes, `agent-asan` the same under AddressSanitizer and UBSan. */
export type AgentBuild = 'agent' | 'agent-asan'

/** What the project of this test runs on (vitest.config.ts). */
export function agentBuild (): AgentBuild {
  return process.env.AGENT_BUILD === 'agent-asan' ? 'agent-asan' : 'agent'
}

/** Builds the agent, unless it is up to date, and returns the binary's path, which any user may execute. */
export async function buildAgent (build: AgentBuild): Promise<string> {
  // Clones with different sources must not replace each other's binary while it is tested. Not in TMPDIR, which may be
  // /dev/shm: in a sandbox's namespaces that is another one.
  const out = join('/tmp', `berth-agent-${process.getuid?.()}-${await hashOfSources()}`)
  await mkdir(out, { recursive: true, mode: 0o755 })
  // Test files run side by side and all need the same binary.
  await promisify(execFile)('flock', [join(out, `${build}.lock`), 'make', '-C', SOURCE, build, `OUT=${out}`])
  return join(out, build)
}

async function hashOfSources (): Promise<string> {
  const sources = (await readdir(join(SOURCE, 'src'), { recursive: true })).filter((name) => /\.[ch]$/.test(name)).sort()
  const names = ['Makefile', ...sources.map((name) => join('src', name))]
  const hash = createHash('sha256')
  for (const name of names) hash.update(name).update('\0').update(await readFile(join(SOURCE, name))).update('\0')
  return hash.digest('hex').slice(0, 16)
}
