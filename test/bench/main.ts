import { benchAuth } from './auth.ts'
import { benchClient } from './client.ts'
import { benchColdStart } from './cold-start.ts'
import { benchCrowd } from './crowd.ts'
import { benchExecute } from './execute.ts'
import { benchBulk } from './files/bulk.ts'
import { benchChanges } from './files/changes.ts'
import { benchLatency } from './files/latency.ts'
import { benchFresh } from './fresh.ts'
import { benchGvisor } from './gvisor.ts'
import { benchHostileProjects } from './hostile-projects.ts'
import { benchHostile } from './hostile.ts'
import { benchIdleProcesses } from './idle-processes.ts'
import { benchLanguageServers } from './language-servers.ts'
import { benchLanguages } from './languages.ts'
import type { Print } from './measure.ts'
import { benchPackages } from './packages.ts'
import { benchProjects } from './projects.ts'
import { benchPrompts } from './prompts.ts'
import { benchTerminal } from './terminal.ts'
import { benchThroughput } from './throughput.ts'
import { benchWeb } from './web.ts'
import { benchWorkspaces } from './workspaces.ts'

type Bench = (print: Print) => Promise<void>

const benches: Record<string, Record<string, Bench>> = {
  execute: {
    warm: benchExecute,
    fresh: benchFresh,
    throughput: benchThroughput,
    crowd: benchCrowd,
    hostile: async (print) => {
      await benchHostile('machine', print)
      await benchHostile('server', print)
      await benchHostileProjects(print)
    },
    gvisor: benchGvisor,
    languages: benchLanguages,
    'cold-start': benchColdStart,
    client: benchClient
  },
  client: { client: benchClient },
  projects: { projects: benchProjects, auth: benchAuth },
  terminal: { terminal: benchTerminal },
  workspaces: { processes: benchWorkspaces, idle: benchIdleProcesses, prompts: benchPrompts, packages: benchPackages, 'language-servers': benchLanguageServers },
  web: { pages: benchWeb },
  files: { latency: benchLatency, changes: benchChanges, bulk: benchBulk }
}

function choose (group: Record<string, Bench> | undefined, part: string | undefined): Bench[] | undefined {
  if (group === undefined || part === undefined) return group === undefined ? undefined : Object.values(group)
  const bench = group[part]
  return bench === undefined ? undefined : [bench]
}

const print: Print = (line) => { process.stdout.write(`${line}\n`) }
const [name = '', part] = process.argv.slice(2)
const chosen = choose(benches[name], part)
if (chosen === undefined) {
  const names = Object.entries(benches).map(([group, parts]) => `  ${group} [${Object.keys(parts).join(' | ')}]`)
  process.stderr.write(`usage: npm run bench -- NAME [PART]\n${names.join('\n')}\n`)
  process.exitCode = 2
} else {
  for (const bench of chosen) {
    await bench(print)
    print('')
  }
}
