export interface HostConfig {
  AutoRemove?: boolean
  Binds?: string[]
  Mounts?: Mount[]
  /** Options by path, as in `size=64m,exec`; noexec unless `exec` is said. */
  Tmpfs?: Record<string, string>
  NetworkMode?: string
  PortBindings?: Record<string, PortBinding[]>
  PublishAllPorts?: boolean
  ExtraHosts?: string[]
  Dns?: string[]
  CapDrop?: string[]
  CapAdd?: string[]
  /** Further groups of the process, by name or number. */
  GroupAdd?: string[]
  SecurityOpt?: string[]
  Privileged?: boolean
  ReadonlyRootfs?: boolean
  /** `none` leaves /dev/shm out, `private` gives the container its own. */
  IpcMode?: string
  PidMode?: string
  CgroupnsMode?: 'private' | 'host'
  UsernsMode?: string
  ShmSize?: number
  Init?: boolean
  Runtime?: string
  Memory?: number
  /** Memory and swap together: equal to `Memory` means no swap. */
  MemorySwap?: number
  MemoryReservation?: number
  MemorySwappiness?: number
  OomKillDisable?: boolean
  NanoCpus?: number
  CpuShares?: number
  CpusetCpus?: string
  PidsLimit?: number
  BlkioWeight?: number
  Ulimits?: Array<{ Name: string, Soft: number, Hard: number }>
  OomScoreAdj?: number
  Sysctls?: Record<string, string>
  /** `size` works on overlay2 over xfs with project quotas; elsewhere it is ignored without a word. */
  StorageOpt?: Record<string, string>
  RestartPolicy?: { Name: string, MaximumRetryCount?: number }
  LogConfig?: { Type: string, Config: Record<string, string> }
}

export interface Mount {
  Type: 'bind' | 'volume' | 'tmpfs'
  Source?: string
  Target: string
  ReadOnly?: boolean
  VolumeOptions?: { NoCopy?: boolean, Labels?: Record<string, string>, DriverConfig?: { Name: string, Options: Record<string, string> } }
  TmpfsOptions?: { SizeBytes?: number, Mode?: number }
}

export interface PortBinding {
  HostIp?: string
  /** A string; empty or "0" lets the Engine choose. */
  HostPort?: string
}

export interface ContainerConfig {
  Image: string
  Cmd?: string[]
  Entrypoint?: string[]
  Env?: string[]
  User?: string
  WorkingDir?: string
  Hostname?: string
  Domainname?: string
  Labels?: Record<string, string>
  Tty?: boolean
  OpenStdin?: boolean
  /** Without it the end of input on an attach also ends the output. */
  StdinOnce?: boolean
  AttachStdin?: boolean
  AttachStdout?: boolean
  AttachStderr?: boolean
  ExposedPorts?: Record<string, object>
  Volumes?: Record<string, object>
  NetworkDisabled?: boolean
  StopSignal?: string
  StopTimeout?: number
  Healthcheck?: { Test: string[], Interval?: number, Timeout?: number, Retries?: number, StartPeriod?: number }
}

export interface ContainerCreateBody extends ContainerConfig {
  HostConfig?: HostConfig
  NetworkingConfig?: { EndpointsConfig: Record<string, { Aliases?: string[] }> }
}

export interface ContainerCreated {
  Id: string
  Warnings: string[] | null
}

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

export interface ContainerState {
  Status: ContainerStatus
  Running: boolean
  Paused: boolean
  Restarting: boolean
  /** Set for the whole container when the kernel killed any process of it on some versions: not a proof for one program. */
  OOMKilled: boolean
  Dead: boolean
  /** On the host; 0 when not running. */
  Pid: number
  ExitCode: number
  Error: string
  /** `0001-01-01T00:00:00Z` when it never was. */
  StartedAt: string
  FinishedAt: string
}

export interface ContainerInspect {
  Id: string
  Name: string
  Created: string
  Image: string
  RestartCount: number
  State: ContainerState
  Config: ContainerConfig & { Labels: Record<string, string> }
  HostConfig: HostConfig
  Mounts: Array<{ Type: string, Name?: string, Source: string, Destination: string, RW: boolean }>
  NetworkSettings: {
    /** Null values for ports that are exposed but not published. */
    Ports: Record<string, PortBinding[] | null> | null
    Networks: Record<string, { NetworkID: string, IPAddress: string, Gateway: string }>
  }
}

export interface ContainerSummary {
  Id: string
  /** With a leading slash. */
  Names: string[]
  Image: string
  ImageID: string
  Command: string
  /** Seconds. */
  Created: number
  State: ContainerStatus
  /** For people: `Up 3 minutes`. */
  Status: string
  Labels: Record<string, string>
  Ports: Array<{ IP?: string, PrivatePort: number, PublicPort?: number, Type: string }>
  Mounts: Array<{ Type: string, Name?: string, Destination: string }>
}

export interface ContainerUpdateBody {
  Memory?: number
  MemorySwap?: number
  NanoCpus?: number
  PidsLimit?: number
  RestartPolicy?: HostConfig['RestartPolicy']
}

export interface ContainerTop {
  Titles: string[]
  Processes: string[][]
}

export interface ContainerStats {
  read: string
  preread: string
  pids_stats: { current?: number, limit?: number }
  cpu_stats: CpuStats
  /** Zeros in the first reading of a stream and in a one-shot reading. */
  precpu_stats: CpuStats
  /** Null where the kernel has no such counters. */
  blkio_stats?: { io_service_bytes_recursive: Array<{ major: number, minor: number, op: string, value: number }> | null }
  /** Empty when the container is not running. */
  memory_stats: { usage?: number, limit?: number, stats?: Record<string, number> }
  networks?: Record<string, { rx_bytes: number, tx_bytes: number }>
}

export interface CpuStats {
  cpu_usage: { total_usage: number, usage_in_kernelmode: number, usage_in_usermode: number }
  system_cpu_usage?: number
  online_cpus?: number
}

export interface PathStat {
  name: string
  size: number
  /** Go's os.FileMode: type bits sit at the top (2^31 is a directory), not where stat(2) has them. */
  mode: number
  mtime: string
  linkTarget: string
}
