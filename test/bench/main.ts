import { benchAuth } from './auth.ts'
import { benchClient } from './client.ts'
import { benchColdStart } from './cold-start.ts'
import { benchCrowd } from './crowd.ts'
import { benchExecute } from './execute.ts'
import { benchFresh } from './fresh.ts'
import { benchHostile } from './hostile.ts'
import { benchLanguages } from './languages.ts'
import type { Print } from './measure.ts'
import { benchProjects } from './projects.ts'
import { benchTerminal } from './terminal.ts'
import { benchThroughput } from './throughput.ts'

const benches: Record<string, ReadonlyArray<(print: Print) => Promise<void>>> = {
  execute: [benchExecute, benchFresh, benchThroughput, benchCrowd, benchHostile, benchLanguages, benchColdStart, benchClient],
  client: [benchClient],
  projects: [benchProjects, benchAuth],
  terminal: [benchTerminal]
}

const print: Print = (line) => { process.stdout.write(`${line}\n`) }
const name = process.argv[2] ?? ''
const chosen = benches[name]
if (chosen === undefined) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(benches).join(' | ')}\n`)
  process.exitCode = 2
} else {
  for (const bench of chosen) {
    await bench(print)
    print('')
  }
}
