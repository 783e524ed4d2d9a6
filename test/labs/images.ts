import path from 'node:path'
import { loadCatalogue } from '../../src/sandbox/images/catalogue.ts'
import { findExtraCertificates, hostCertificateSources } from '../../src/sandbox/images/certificates.ts'
import { resolveImages } from '../../src/sandbox/images/resolve.ts'
import { firstLanguages, selectImages } from '../../src/sandbox/images/selection.ts'

/** Prints the images of the named languages, with what they are built from and what every sandbox needs, as this machine's Engine may have them. */
const directory = path.join(import.meta.dirname, '../../sandbox-images')
const languages = firstLanguages(await loadCatalogue(directory), process.argv.slice(2))
const specs = selectImages(await resolveImages(directory, await findExtraCertificates(hostCertificateSources(process.env))), languages)
const debian = ['debian:trixie-slim', 'berth/debian:trixie-slim']
process.stdout.write([...debian, ...[...specs.values()].map(({ reference }) => reference)].map((name) => `${name}\n`).join(''))
