import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DockerClient } from '../../docker/index.ts'
import { SetupError } from '../packages.ts'
import { removeStalePidFiles } from './pid-file.ts'

const LOG_TAIL_LINES = 20
const POLL_MS = 200

/** Starts dockerd so that it outlives us: own session, no terminal, output to the log file. Resolves with a look at whether it has ended. */
export async function startDockerd (program: string, logFile: string, env: NodeJS.ProcessEnv): Promise<{ hasEnded: () => boolean }> {
  await removeStalePidFiles()
  const log = await open(logFile, 'a', 0o640)
  try {
    const child = spawn(program, [], { cwd: '/', env, detached: true, stdio: ['ignore', log.fd, log.fd] })
    let failure: Error | undefined
    child.on('error', (error) => { failure = error })
    child.unref()
    return { hasEnded: () => failure !== undefined || child.exitCode !== null || child.signalCode !== null }
  } finally {
    await log.close()
  }
}

/** Waits until the Engine answers, or throws with the end of its log. */
export async function waitForEngine (docker: DockerClient, { deadlineMs, logFile, hasEnded = () => false, signal }: {
  deadlineMs: number
  logFile: string
  hasEnded?: () => boolean
  signal?: AbortSignal | undefined
}): Promise<void> {
  const deadline = AbortSignal.timeout(deadlineMs)
  while (!await answers(docker)) {
    signal?.throwIfAborted()
    if (hasEnded() || deadline.aborted) {
      const reason = deadline.aborted ? `does not answer after ${deadlineMs / 1000} s` : 'ended at once'
      throw new SetupError(`The Docker Engine ${reason}. The end of ${logFile}:\n${await readTail(logFile)}`)
    }
    await sleep(POLL_MS)
  }
}

async function answers (docker: DockerClient): Promise<boolean> {
  return await docker.system.ping({ deadlineMs: 2_000 }).then(() => true, () => false)
}

async function readTail (file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n')
  } catch (error) {
    return `(cannot be read: ${(error as Error).message})`
  }
}
