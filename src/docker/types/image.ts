export interface ImageInspect {
  Id: string
  RepoTags: string[] | null
  RepoDigests: string[] | null
  Created: string
  Size: number
  Os: string
  Architecture: string
  Config: {
    Cmd: string[] | null
    Entrypoint: string[] | null
    Env: string[] | null
    Labels: Record<string, string> | null
    User: string
    /** By mount point; absent or null where there are none. */
    Volumes?: Record<string, object> | null
    WorkingDir: string
  }
  /** Digests of the layers, from the bottom. */
  RootFS: { Type: string, Layers?: string[] }
}

export interface ImageSummary {
  Id: string
  RepoTags: string[] | null
  /** Seconds. */
  Created: number
  Size: number
  Labels: Record<string, string> | null
}

export interface ImageRemoval {
  Deleted?: string
  Untagged?: string
}

/** One line of a build, pull or import. Which fields there are depends on what happened. */
export interface ImageProgress {
  /** A build's output, as it would appear on a terminal; often part of a line, sometimes several. */
  stream?: string
  status?: string
  /** The layer that `status` is about. */
  id?: string
  progressDetail?: { current?: number, total?: number }
  /** A build's result, among its last lines. */
  aux?: { ID?: string }
}
