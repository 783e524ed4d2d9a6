import { createDockerClient, endpointFromEnv } from '../../../src/docker/index.ts'
import { isThere } from '../../../src/sandbox/images/build-missing.ts'
import { findExtraCertificates, hostCertificateSources } from '../../../src/sandbox/images/certificates.ts'
import { imageSpec, projectImage } from '../../../src/sandbox/images/lookup.ts'
import { resolveImages } from '../../../src/sandbox/images/resolve.ts'
import { imagesDirectory } from '../support/berth.ts'

/** Languages whose image of projects is there: `make test` builds few of them, and `make test-projects` all. */
export async function findBuilt (languages: readonly string[]): Promise<Set<string>> {
  const docker = createDockerClient(endpointFromEnv(process.env))
  try {
    const specs = await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(process.env)))
    const present = await Promise.all(languages.map(async (language) => await isThere(docker, imageSpec(specs, projectImage(specs, language, true)))))
    return new Set(languages.filter((_language, index) => present[index]))
  } finally {
    await docker.close()
  }
}
