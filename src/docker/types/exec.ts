export interface ExecCreateBody {
  Cmd: string[]
  AttachStdin?: boolean
  AttachStdout?: boolean
  AttachStderr?: boolean
  /** The PTY follows this one, the framing follows the start's: `exec.start` must be told the same. */
  Tty?: boolean
  Env?: string[]
  User?: string
  WorkingDir?: string
  Privileged?: boolean
  DetachKeys?: string
}

export interface ExecInspect {
  ID: string
  ContainerID: string
  Running: boolean
  /** Null is "not yet", never success. */
  ExitCode: number | null
  /** On the host; 0 when it never ran. */
  Pid: number
  OpenStdin: boolean
  ProcessConfig: { tty: boolean, entrypoint: string, arguments: string[] }
}
