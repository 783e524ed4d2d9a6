const GIB = 1024 ** 3
const SYSTEM_SHARE = 0.1
const PROJECTS_SHARE = 2 / 3

export interface HostMemory {
  /** For the kernel, the Engine, the database and this server. */
  readonly systemBytes: number
  /** For running projects, by the sum of their limits. */
  readonly projectsBytes: number
  /** For runs, sessions and helper containers. */
  readonly runsBytes: number
}

/** How the memory of the Engine's host is divided where nobody says otherwise. */
export function divideMemory (totalBytes: number): HostMemory {
  const systemBytes = Math.floor(Math.min(Math.max(totalBytes * SYSTEM_SHARE, GIB), totalBytes / 2))
  const projectsBytes = Math.floor((totalBytes - systemBytes) * PROJECTS_SHARE)
  return { systemBytes, projectsBytes, runsBytes: totalBytes - systemBytes - projectsBytes }
}
