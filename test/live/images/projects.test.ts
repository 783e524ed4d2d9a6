import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createDockerClient, endpointFromEnv } from '../../../src/docker/index.ts'
import { isThere } from '../../../src/sandbox/images/build-missing.ts'
import { loadCatalogue } from '../../../src/sandbox/images/catalogue.ts'
import { findExtraCertificates, hostCertificateSources } from '../../../src/sandbox/images/certificates.ts'
import { imageSpec, projectImage } from '../../../src/sandbox/images/lookup.ts'
import { resolveImages } from '../../../src/sandbox/images/resolve.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'
import { imagesDirectory } from '../support/berth.ts'
import { newcomers } from './newcomers.ts'

const TOOLS = [
  'bash', 'curl', 'file', 'git', 'htop', 'jq', 'less', 'make', 'man', 'nano', 'patch', 'ps', 'rg', 'ssh', 'tmux', 'top', 'unzip', 'vi', 'vim', 'wget', 'xz', 'zip'
]
// What starts a compiler, or a JVM, several times.
const COMMANDS_MS = 300_000

const { runtimes } = await loadCatalogue(imagesDirectory)
const languages = runtimes.map(({ language }) => language)
const built = await findBuilt()

/** `make test` builds few of them, and `make test-projects` all. */
async function findBuilt (): Promise<Set<string>> {
  const docker = createDockerClient(endpointFromEnv(process.env))
  try {
    const specs = await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(process.env)))
    const present = await Promise.all(languages.map(async (language) => await isThere(docker, imageSpec(specs, projectImage(specs, language, true)))))
    return new Set(languages.filter((_language, index) => present[index]))
  } finally {
    await docker.close()
  }
}

let berth: Berth
let user: User
beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_TOOLS: 'on' })
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())

/** Both streams in one, as on a terminal. */
async function type (id: string, command: string): Promise<string> {
  const { output } = await user.exec(id, `exec 2>&1; ${command}`, { timeout: COMMANDS_MS })
  return output
}

it('are tried for every language', () => {
  expect(Object.keys(newcomers)).toEqual(languages)
})

describe.each(languages)('the image of projects in %s', (language) => {
  it.skipIf(!built.has(language))(`does what its newcomer does first${built.has(language) ? '' : ': skipped, as it is not built'}`, async () => {
    const { files = {}, commands } = newcomers[language]!
    const { id } = await user.createProject({
      runtime: language,
      network: 'none',
      memory: 1024 ** 3,
      files: Object.entries(files).map(([path, content]) => ({ path, content }))
    })
    onTestFinished(async () => await user.remove(id))
    expect(await type(id, `for tool in ${TOOLS.join(' ')}; do command -v "$tool" > /dev/null || echo "$tool"; done`)).toBe('')
    expect(await type(id, 'man ls | head -n 4; man 7 ascii | head -n 4; locale -a')).toMatch(/list directory contents[^]*ASCII[^]*C\.utf8[^]*en_US\.utf8/)
    for (const [command, prints] of commands) expect([command, await type(id, command)]).toEqual([command, expect.stringMatching(typeof prints === 'string' ? escape(prints) : prints)])
  }, 2 * COMMANDS_MS)
})

function escape (text: string): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
}
