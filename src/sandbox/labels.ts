/** Labels from which everything of ours can be found again after a crash. */
export const labels = {
  /** Whose it is: a data directory's id for run sandboxes, a database's for projects. Nobody sweeps what carries another. */
  instance: 'berth.instance',
  /** The server process that made it. */
  boot: 'berth.boot',
  /** What it is for: `run`, `project`, `files` for a container that works on the files of a stopped project, or `marker`. */
  kind: 'berth.kind',
  /** The runtime's language id. */
  runtime: 'berth.runtime',
  project: 'berth.project',
  /** The user whose project it is. */
  owner: 'berth.owner',
  /** Of a project's container: the number of the lease under which it was made. */
  lease: 'berth.lease',
  /** Of a marker: which state of the database the Engine has seen. */
  token: 'berth.token'
} as const
