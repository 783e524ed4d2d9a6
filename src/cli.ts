#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ConfigError } from './config.ts'
import { EmbeddedDatabaseError } from './db/embedded/errors.ts'
import { DatabaseRefusedError } from './db/wait.ts'
import { DockerError } from './docker/index.ts'
import { LockedError } from './lib/process-lock.ts'
import { chooseCommand, helpOf, type Commands } from './operations/command.ts'
import { operatorCommands } from './operations/commands.ts'
import { OperationError } from './operations/errors.ts'
import { StorageError } from './storage/object-storage.ts'

const flag = { type: 'boolean' } as const

// The two programs that read their arguments themselves; both end with one line where the operator can mend it.
const commands: Commands = {
  serve: {
    usage: 'serve [--setup] [--build] [--welcome]',
    summary: 'run the server; --setup makes this machine ready before, --build makes missing images of languages meanwhile',
    words: [0, 0],
    options: { setup: flag, build: flag, welcome: flag },
    async run ({ options }) {
      if (options['setup'] === true) await setUp()
      await import('./server.ts')
    }
  },
  setup: {
    usage: 'setup [--project-images]',
    summary: 'make this machine ready: Engine, rules, limits, the first images',
    words: [0, 0],
    options: { 'project-images': flag },
    run: async () => { await import('./setup/main.ts') }
  },
  ...operatorCommands
}

/** In a process of its own, which is interrupted and fails by itself. */
async function setUp (): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', 'setup'], { stdio: 'inherit' })
  const [code] = await once(child, 'exit') as [number | null]
  if (code !== 0) throw new OperationError('the server is not started: the set-up above has failed')
}

async function main (args: readonly string[]): Promise<void> {
  const chosen = chooseCommand(commands, args)
  if (chosen === undefined) {
    process.stdout.write(helpOf(commands))
    return
  }
  const code = await chosen.command.run(chosen.given, {
    env: process.env,
    uid: process.getuid?.(),
    stdin: process.stdin,
    stdout: process.stdout,
    say: (line) => process.stderr.write(`${line}\n`)
  })
  if (typeof code === 'number') process.exitCode = code
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isPlain = [OperationError, ConfigError, DockerError, EmbeddedDatabaseError, DatabaseRefusedError, LockedError, StorageError].some((type) => error instanceof type)
  process.stderr.write(`berth: ${isPlain ? (error as Error).message : String(error instanceof Error ? error.stack : error)}\n`)
  process.exitCode = 1
})
