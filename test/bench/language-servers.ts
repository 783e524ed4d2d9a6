import { percentiles } from '../../src/lib/percentiles.ts'
import type { ProcessList } from '../../src/projects/processes/schemas.ts'
import { findBuilt } from '../live/images/built.ts'
import { userWithKey } from '../live/projects/user.ts'
import { openLanguageClient } from '../support/language-client.ts'
import { startServerProcess } from '../support/server-process.ts'
import type { Print } from './measure.ts'

const ROUNDS = 5
const COMPLETIONS = 40

/** A file with a fault in each, and where there is something to complete. */
const programs = [
  { runtime: 'python', language: 'python', path: 'main.py', text: 'import os\nnosuch(os)\nos.pa\n', at: { line: 2, character: 5 } },
  { runtime: 'typescript', language: 'typescript', path: 'main.ts', text: 'const a = 1\nconst b: string = a\na.to\n', at: { line: 2, character: 4 } },
  { runtime: 'javascript', language: 'javascript', path: 'main.js', text: 'const a = 1\nconst a = 2\nMath.s\n', at: { line: 2, character: 6 } },
  { runtime: 'c', language: 'c', path: 'main.c', text: '#include <stdio.h>\nint main(void)\n{\n  pri\n}\n', at: { line: 3, character: 5 } },
  { runtime: 'cpp', language: 'cpp', path: 'main.cpp', text: '#include <vector>\nint main()\n{\n  std::vector<int> v;\n  v.pu\n}\n', at: { line: 4, character: 6 } },
  { runtime: 'go', language: 'go', path: 'main.go', text: 'package main\n\nimport "strings"\n\nfunc main() {\n\tstrings.Fi\n}\n', at: { line: 5, character: 11 } },
  { runtime: 'rust', language: 'rust', path: 'src/main.rs', text: 'fn main() {\n    let a: u32 = ;\n    String::fr\n}\n', at: { line: 2, character: 14 } }
] as const

/** From an editor's first byte to what is wrong with a file, and what could be meant, of the languages whose images are there. */
export async function benchLanguageServers (print: Print): Promise<void> {
  const built = await findBuilt(programs.map(({ runtime }) => runtime))
  const server = await startServerProcess({ RUNTIMES: [...built].join(','), PROJECT_CPUS: '2', PROJECT_TOOLS: 'on', RATE_LIMIT: 'off' })
  const user = userWithKey(server.origin, server.key)
  try {
    print(`language servers, ${ROUNDS} starts and ${COMPLETIONS} completions each, milliseconds`)
    print('| language | first diagnostics p50 | p95 | completion p50 | p95 | MB |')
    print('| --- | --- | --- | --- | --- | --- |')
    for (const program of programs.filter(({ runtime }) => built.has(runtime))) {
      const { id } = await user.createProject({ runtime: program.runtime, network: 'none', memory: 2 * 1024 ** 3, files: [{ path: program.path, content: program.text }] })
      try {
        await user.start(id)
        print(await measure(program, `${server.origin}/projects/${id}/language-servers/${program.language}`, server.key, async () => {
          const { body } = await user.call<ProcessList>('GET', `/projects/${id}/processes`)
          return Math.max(0, ...body.processes.map(({ usage }) => usage.memory))
        }))
      } finally {
        await user.remove(id)
      }
    }
  } finally {
    await server.stop()
  }
}

async function measure (program: typeof programs[number], url: string, key: string, memory: () => Promise<number>): Promise<string> {
  const diagnostics: number[] = []
  const completions: number[] = []
  let bytes = 0
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    const editor = await openLanguageClient(url, key, program)
    await editor.diagnostics
    diagnostics.push(performance.now() - start)
    for (let i = 0; i < COMPLETIONS / ROUNDS; i++) {
      const asked = performance.now()
      await editor.complete(program.at)
      completions.push(performance.now() - asked)
    }
    bytes = Math.max(bytes, await memory())
    await editor.close()
  }
  const ms = (value: number | null): string => (value ?? 0).toFixed(value !== null && value < 10 ? 1 : 0)
  const [first, completion] = [percentiles(diagnostics), percentiles(completions)]
  return `| ${program.language} | ${ms(first.p50)} | ${ms(first.p95)} | ${ms(completion.p50)} | ${ms(completion.p95)} | ${(bytes / 1e6).toFixed(0)} |`
}
