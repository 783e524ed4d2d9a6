// Imports point one way: server -> app -> features -> sandbox -> docker -> lib, and features -> db -> lib. Each entry
// names what a folder may import of ours, besides itself; those of files are above the folders that they stand beside.
const layers = {
  lib: [],
  // Messages that server and browser share.
  protocols: [],
  docker: ['lib'],
  db: ['lib'],
  storage: ['lib'],
  leases: ['lib'],
  sandbox: ['docker', 'lib'],
  // How the memory of a host is divided, for config and projects.
  host: ['lib'],
  // What is left of the disk that the Engine writes to: a plugin of the server, which runs and projects ask.
  disk: ['sandbox', 'docker', 'db', 'lib', 'config.ts', 'errors.ts'],
  // Files, arguments and environments as requests give them, for runs and projects.
  programs: ['sandbox', 'lib', 'errors.ts'],
  setup: ['sandbox', 'docker', 'lib', 'config.ts'],
  // What an operator does beside a server, by `berth` on the command line.
  operations: ['setup', 'disk', 'projects', 'sandbox', 'docker', 'db', 'storage', 'lib', 'config.ts'],
  config: ['http', 'lib'],
  http: ['docker', 'db', 'lib', 'errors.ts'],
  plugins: ['protocols', 'http', 'docker', 'db', 'lib', 'config.ts', 'errors.ts'],
  sockets: ['protocols', 'http', 'lib', 'errors.ts'],
  auth: ['plugins', 'protocols', 'http', 'db', 'lib', 'config.ts', 'errors.ts'],
  // What changes, as it happens: published by the database, and by whoever has `app.events`.
  events: ['http', 'db', 'lib', 'errors.ts'],
  runtime: ['disk', 'host', 'plugins', 'sockets', 'protocols', 'http', 'programs', 'sandbox', 'docker', 'db', 'lib', 'config.ts', 'errors.ts'],
  projects: ['disk', 'host', 'leases', 'plugins', 'sockets', 'protocols', 'http', 'programs', 'sandbox', 'docker', 'db', 'storage', 'lib', 'config.ts', 'errors.ts'],
  // What speaks with Berth from a browser or from Node: the pages' connections, and a package of their own.
  client: ['protocols'],
  // What other pages show of Berth.
  elements: ['client', 'protocols'],
  web: ['client', 'protocols']
}

// Within these, each folder may import those below it; what stands beside the folders is wiring.
const rooms = {
  runtime: [['protocols', 'system'], ['runs'], ['languages']],
  web: [['pages', 'workbench'], ['shell'], ['ui', 'editor', 'terminal'], ['texts', 'words.ts', 'theme.ts', 'next-page.ts', 'port-links.ts', 'ago.ts', 'poll.ts', 'fonts.ts', 'icon.svg', 'styles'], ['api']],
  projects: [['assignments'], ['language-servers', 'run'], ['terminals', 'preview', 'git', 'exec', 'transfer', 'files', 'members'], ['processes'], ['contract.ts'], ['workspace', 'variables'], ['lifecycle'], ['core']]
}

/** Why a file of `src` may not import another, by their paths below it; undefined if it may. */
export function forbid (importer, imported) {
  const [layer = '', room = ''] = importer.split('/')
  const [otherLayer = '', otherRoom = ''] = imported.split('/')
  const allowed = layers[layer]
  if (allowed !== undefined && otherLayer !== layer && !allowed.includes(otherLayer)) {
    return `src/${layer} may import ${allowed.map((name) => `src/${name}`).join(', ') || 'nothing of ours'} only.`
  }
  const floors = rooms[layer]
  const floor = floors?.findIndex((names) => names.includes(room)) ?? -1
  if (floors === undefined || floor === -1 || otherLayer !== layer || otherRoom === room) return undefined
  const below = floors.slice(floor + 1).flat()
  return below.includes(otherRoom) ? undefined : `Of src/${layer}, ${room} may import only itself${below.map((name) => `, ${name}`).join('')}.`
}
