#!/usr/bin/env node
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
    usage: 'serve [--build] [--welcome]',
    summary: 'run the server; --build makes missing images of languages meanwhile',
    words: [0, 0],
    options: { build: flag, welcome: flag },
    run: async () => { await import('./server.ts') }
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
