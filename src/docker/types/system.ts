export interface SystemVersion {
  Version: string
  ApiVersion: string
  MinAPIVersion: string
  Os: string
  Arch: string
  KernelVersion: string
}

export interface SystemInfo {
  ID: string
  ServerVersion: string
  OperatingSystem: string
  OSType: string
  Architecture: string
  Driver: string
  CgroupDriver: string
  /** "1" or "2". */
  CgroupVersion: string
  /** Whether the kernel enforces the limit; a limit that it does not is dropped with a warning at create. */
  MemoryLimit: boolean
  SwapLimit: boolean
  PidsLimit: boolean
  CpuCfsQuota: boolean
  NCPU: number
  /** RFC 3339, by the Engine's clock. */
  SystemTime: string
  MemTotal: number
  Containers: number
  ContainersRunning: number
  Images: number
  DockerRootDir: string
  /** By name: `runc`, `runsc` and what else is configured. */
  Runtimes: Record<string, { path?: string }>
  DefaultRuntime: string
  SecurityOptions: string[]
  Warnings: string[] | null
}

export interface EngineEvent {
  Type: string
  /** With arguments after a colon for some: `exec_create: /bin/sh`, `health_status: healthy`. */
  Action: string
  Actor: { ID: string, Attributes: Record<string, string> }
  /** Seconds. */
  time: number
  /** Past 2^53: JSON.parse has rounded it to some 256 ns. */
  timeNano: number
}
