/** Labels from which everything of ours can be found again after a crash. */
export const labels = {
  /** The data directory's id: a server sweeps only what carries its own. */
  instance: 'berth.instance',
  /** The server process that made it. */
  boot: 'berth.boot',
  /** What the container is for: `run` or `project`. */
  kind: 'berth.kind',
  /** The runtime's language id. */
  runtime: 'berth.runtime'
} as const
