import { spawn, type ChildProcess } from 'node:child_process'

/** Whom a program runs as; undefined is ourselves. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * Starts one of PostgreSQL's programs. The kernel interrupts it when we die, however we die, which makes postgres shut
 * down in order; and it has a session of its own, so that a Ctrl-C on the terminal reaches us alone.
 */
export function spawnProgram (program: string, args: readonly string[], { account, cwd }: { account: Account | undefined, cwd: string }): ChildProcess {
  const identity = account === undefined ? [] : [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups']
  return spawn('setpriv', [...identity, '--pdeathsig', 'INT', program, ...args], {
    cwd,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  })
}
