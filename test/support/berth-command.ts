import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import type { Variables } from './variables.ts'

const root = path.join(import.meta.dirname, '../..')

export interface CommandResult {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the built `berth` to its end, as an operator does. */
export async function berth (args: readonly string[], env: Variables = {}, input = ''): Promise<CommandResult> {
  const child = spawn(process.execPath, ['dist/cli.js', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, DOCKER_HOST: process.env.DOCKER_HOST ?? '', ...env }
  })
  const exited = once(child, 'exit') as Promise<[number | null]>
  child.stdin.on('error', () => undefined).end(input)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  return { code, stdout, stderr }
}
