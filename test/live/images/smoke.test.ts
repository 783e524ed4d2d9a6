import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../../src/docker/index.ts'
import { loadCatalogue, type Runtime } from '../../../src/sandbox/images/catalogue.ts'
import { companionsOf } from '../../../src/programs/language-sources.ts'
import { expandCommand, expandEnvironment } from '../../../src/sandbox/images/command-line.ts'
import { findExtraCertificates, hostCertificateSources } from '../../../src/sandbox/images/certificates.ts'
import { imageReference } from '../../../src/sandbox/images/lookup.ts'
import { resolveImages, type ImageSpecs } from '../../../src/sandbox/images/resolve.ts'
import { loadSmoke } from '../../../src/sandbox/images/smoke.ts'
import { imagesDirectory } from '../support/berth.ts'

const { runtimes } = await loadCatalogue(imagesDirectory)

let docker: DockerClient
let images: ImageSpecs

beforeAll(async () => {
  docker = createDockerClient(endpointFromEnv(process.env))
  images = await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(process.env)))
})

afterAll(async () => {
  await docker.close()
})

/** Runs a shell script with the image's own environment: read-only root, no network, nothing writable but tmpfs. */
async function runInImage (runtime: Runtime, script: string, { input = '', user = '1000:1000' }): Promise<{ stdout: string, stderr: string, statusCode: number }> {
  const env = { HOME: '/tmp', ...expandEnvironment(runtime.env, runtime.limits.memory) }
  const memory = Math.max(runtime.limits.memory, runtime.limits.compileMemory ?? 0)
  const { Id } = await docker.containers.create({
    Image: imageReference(images, runtime.language),
    Cmd: ['sh', '-ec', script],
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    User: user,
    WorkingDir: '/workspace',
    OpenStdin: true,
    StdinOnce: true,
    Labels: { 'berth.kind': 'test' },
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      Memory: memory,
      MemorySwap: memory,
      PidsLimit: runtime.limits.pids,
      Tmpfs: { '/workspace': 'exec,uid=1000,gid=1000', '/tmp': 'exec,mode=1777' }
    }
  })
  try {
    const { stdin, stdout, stderr } = await docker.containers.attach(Id)
    const output = Promise.all([text(stdout), text(stderr)])
    const wait = await docker.containers.wait(Id, 'next-exit')
    await docker.containers.start(Id)
    await pipeline([input], stdin)
    const [out, err] = await output
    return { stdout: out, stderr: err, statusCode: (await wait.exit).statusCode }
  } finally {
    await docker.containers.remove(Id, { force: true, volumes: true })
  }
}

function quote (word: string): string {
  return `'${word.replaceAll('\'', '\'\\\'\'')}'`
}

describe.each(runtimes)('$language', (runtime) => {
  it('runs its smoke program and prints nothing else, not even a warning', async () => {
    const { files, input, output } = await loadSmoke(runtime)
    const substitute = (command: readonly string[]): string => expandCommand(command, {
      main: runtime.mainFile,
      companions: companionsOf(runtime.mainFile, files.map(({ path }) => path), runtime),
      memoryBytes: runtime.limits.memory
    }).map(quote).join(' ')
    const script = [
      ...files.map(({ path, content }) => `mkdir -p "$(dirname ${quote(path)})"; printf %s ${quote(content)} > ${quote(path)}`),
      ...(runtime.compile === undefined ? [] : [`${substitute(runtime.compile.command)} < /dev/null`]),
      `exec ${substitute(runtime.run.command)}`
    ].join('\n')
    expect(await runInImage(runtime, script, { input })).toEqual({ stdout: output, stderr: '', statusCode: 0 })
  })

  it('carries no package lists and caches', async () => {
    const { stdout } = await runInImage(runtime, 'find /var/lib/apt/lists /var/cache/apt /var/log /root -type f ! -name ".*rc" ! -name .profile 2> /dev/null || true', { user: '0:0' })
    expect(stdout).toBe('')
  })

  it('has no program that runs as somebody else than who calls it', async () => {
    expect(await runInImage(runtime, 'find / -xdev -perm /6000 -type f', { user: '0:0' })).toEqual({ stdout: '', stderr: '', statusCode: 0 })
  })
})
