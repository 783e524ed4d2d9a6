/** Labels from which everything of ours can be found again after a crash. */
export const labels = {
  /** Whose it is: a data directory's id for run sandboxes, a database's for projects. Nobody sweeps what carries another. */
  instance: 'berth.instance',
  /** The server process that made it. */
  boot: 'berth.boot',
  /** What the container is for: `run`, `project`, or `files` for one that works on the files of a project at rest. */
  kind: 'berth.kind',
  /** The runtime's language id. */
  runtime: 'berth.runtime',
  project: 'berth.project',
  /** The user whose project it is. */
  owner: 'berth.owner'
} as const
