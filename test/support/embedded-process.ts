import { startEmbeddedDatabase } from '../../src/db/embedded/index.ts'

/** A process that has the embedded database and nothing else, to be killed; says on stdout when it is there. */
const [dataDir = ''] = process.argv.slice(2)
await startEmbeddedDatabase(dataDir, { debug: () => undefined, warn: (message) => process.stderr.write(`${message}\n`) })
process.stdout.write('ready\n')
setInterval(() => undefined, 60_000)
