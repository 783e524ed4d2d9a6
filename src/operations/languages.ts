import { createDockerClient, endpointFromEnv, type DockerClient } from '../docker/index.ts'
import { isThere } from '../sandbox/images/build-missing.ts'
import { loadCatalogue } from '../sandbox/images/catalogue.ts'
import { findExtraCertificates, hostCertificateSources } from '../sandbox/images/certificates.ts'
import { imageSpec, projectImage } from '../sandbox/images/lookup.ts'
import { resolveImages } from '../sandbox/images/resolve.ts'
import { firstLanguages, offeredLanguages, selectImages } from '../sandbox/images/selection.ts'
import { ensureBaseImage } from '../setup/base-image/ensure.ts'
import { runCommand } from '../setup/command.ts'
import { readHost } from '../setup/host.ts'
import { ensureImages } from '../setup/images/ensure.ts'
import { createPackages } from '../setup/packages.ts'
import { createProgress } from '../setup/progress.ts'
import type { Arguments, Surroundings } from './command.ts'
import { OperationError } from './errors.ts'
import { imagesDirectory, readSettings } from './settings.ts'

async function readImages (env: NodeJS.ProcessEnv) {
  const catalogue = await loadCatalogue(imagesDirectory)
  return { catalogue, specs: await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(env))) }
}

/** Of the languages that a server with these settings offers, those whose runs have no image on the Engine. */
export async function missingImages (docker: DockerClient, env: NodeJS.ProcessEnv): Promise<string[]> {
  const { catalogue, specs } = await readImages(env)
  const languages = offeredLanguages(catalogue, readSettings(env).runtimes).runtimes.map(({ language }) => language)
  const there = await Promise.all(languages.map(async (language) => await isThere(docker, imageSpec(specs, language))))
  return languages.filter((_language, i) => there[i] !== true)
}

export async function listLanguages ({ options }: Arguments, { env, stdout }: Surroundings): Promise<void> {
  const { catalogue, specs } = await readImages(env)
  const docker = createDockerClient(endpointFromEnv(env))
  try {
    const languages = await Promise.all(catalogue.runtimes.map(async ({ language, name }) => ({
      language,
      name,
      ready: await isThere(docker, imageSpec(specs, language)),
      readyForProjects: await isThere(docker, imageSpec(specs, projectImage(specs, language, true)))
    })))
    if (options['json'] === true) stdout.write(`${JSON.stringify(languages, null, 2)}\n`)
    else for (const { language, ready, readyForProjects } of languages) stdout.write(`${language}\t${ready ? 'ready' : 'not built'}\t${readyForProjects ? 'ready for projects' : 'not built for projects'}\n`)
  } finally {
    await docker.close()
  }
}

export async function buildLanguages ({ words, options }: Arguments, { env, uid, stdout, say }: Surroundings): Promise<void> {
  const { catalogue, specs } = await readImages(env)
  const docker = createDockerClient(endpointFromEnv(env))
  try {
    const unknown = words.find((word) => word !== 'all' && catalogue.find(word) === undefined)
    if (unknown !== undefined) throw new OperationError(`there is no language "${unknown}": ${catalogue.runtimes.map(({ language }) => language).join(', ')}`)
    const languages = firstLanguages(catalogue, words.length > 0 ? words : readSettings(env).runtimes ?? ['all'])
    const projects = options['projects'] === true ? languages.map((language) => projectImage(specs, language, true)) : []
    const progress = createProgress(stdout)
    const host = await readHost(uid)
    await ensureImages({
      docker,
      specs: selectImages(specs, [...languages, ...projects]),
      env,
      progress,
      debian: async () => {
        const task = progress.start('debian')
        const report = task.line
        return await ensureBaseImage({ docker, env, run: runCommand, packages: createPackages({ host, env, run: runCommand, onLine: report }), report })
          .finally(() => task.succeed('done'))
      }
    })
    say(`ready: ${languages.join(', ')}`)
  } finally {
    await docker.close()
  }
}
