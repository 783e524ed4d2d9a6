import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createDockerClient, endpointFromEnv, type DockerClient } from '../../src/docker/index.ts'
import { userWithKey, type User } from '../live/projects/user.ts'
import { startServerProcess } from '../support/server-process.ts'
import { interleave, reportLine, type Print } from './measure.ts'

const ROUNDS = 5

/** Five wheels of 40 modules each, made where they are installed from: nothing is fetched. */
const MAKE_WHEELS = `import os, zipfile
os.makedirs('wheels', exist_ok=True)
for name in ('one', 'two', 'three', 'four', 'five'):
    info = f'{name}-1.0.dist-info'
    files = {f'{name}/m{i}.py': f'def f{i}():\\n    return {i}\\n' * 40 for i in range(40)}
    files |= {f'{name}/__init__.py': '', f'{info}/METADATA': f'Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n', f'{info}/WHEEL': 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n'}
    record = ''.join(f'{path},,\\n' for path in files) + f'{info}/RECORD,,\\n'
    with zipfile.ZipFile(f'wheels/{name}-1.0-py3-none-any.whl', 'w', zipfile.ZIP_DEFLATED) as wheel:
        for path, text in (files | {f'{info}/RECORD': record}).items(): wheel.writestr(path, text)
`

interface Installation {
  readonly title: string
  readonly runtime: string
  readonly network: 'internet' | 'none'
  /** Brings what is installed to where it is installed from. */
  readonly prepare: string[]
  readonly install: string
}

async function installations (): Promise<Installation[]> {
  const app = await readFile(path.join(import.meta.dirname, '../../templates/vite-react/files/package.json'), 'utf8')
  const npmInstall = 'npm install --no-audit --no-fund --loglevel=error'
  return [{
    title: 'pip install of five wheels',
    runtime: 'python',
    network: 'none',
    prepare: ['python3', '-c', MAKE_WHEELS],
    install: 'rm -rf installed && pip install --quiet --no-index --find-links wheels --target installed one two three four five && ls installed/five/m39.py'
  }, {
    title: 'npm install of the template vite-react, from npm\'s cache',
    runtime: 'javascript',
    network: 'internet',
    prepare: ['/bin/bash', '-c', `printf %s '${app}' > package.json && ${npmInstall}`],
    install: `rm -rf node_modules package-lock.json && ${npmInstall} --offline && ls node_modules/vite/package.json`
  }]
}

/** Installing packages in a project, beside the same in a container of the same image without anything of Berth's. */
export async function benchPackages (print: Print): Promise<void> {
  const server = await startServerProcess({ RUNTIMES: 'python,javascript', PROJECT_CPUS: '2', PROJECT_TOOLS: 'on', RATE_LIMIT: 'off' })
  const docker = createDockerClient(endpointFromEnv(process.env))
  try {
    for (const installation of await installations()) await benchInstallation(print, docker, userWithKey(server.origin, server.key), installation)
  } finally {
    await docker.close()
    await server.stop()
  }
}

async function benchInstallation (print: Print, docker: DockerClient, user: User, { title, runtime, network, prepare, install }: Installation): Promise<void> {
  const { id } = await user.createProject({ runtime, network, memory: 1024 ** 3 })
  let bare: string | undefined
  try {
    const { containerId } = await user.start(id)
    const { Config: { Image } } = await docker.containers.inspect(containerId ?? '')
    bare = await startBare(docker, Image, network)
    const container = bare
    const ours = async (cmd: string | string[]): Promise<void> => {
      const result = await user.exec(id, cmd, { timeout: 300_000 })
      if (result.exitCode !== 0) throw new Error(result.output + result.error)
    }
    await ours(prepare)
    await runIn(docker, container, prepare)
    const cases = {
      bare: async () => await runIn(docker, container, ['/bin/bash', '-c', install]),
      ours: async () => await ours(install)
    }
    await interleave(1, cases)
    const samples = await interleave(ROUNDS, cases)
    print(`${title}, ${ROUNDS} rounds, milliseconds`)
    print(reportLine('in a bare container of the image', samples.bare))
    print(reportLine('in a project (target 1.1 x)', samples.ours, samples.bare))
  } finally {
    if (bare !== undefined) await docker.containers.remove(bare, { force: true, volumes: true })
    await user.remove(id)
  }
}

async function startBare (docker: DockerClient, image: string, network: Installation['network']): Promise<string> {
  const { Id } = await docker.containers.create({ Image: image, Entrypoint: ['/bin/sleep'], Cmd: ['infinity'], WorkingDir: '/workspace', Volumes: { '/workspace': {} }, User: '0', HostConfig: { NetworkMode: network === 'none' ? 'none' : 'bridge' } })
  await docker.containers.start(Id)
  return Id
}

async function runIn (docker: DockerClient, containerId: string, command: string[]): Promise<void> {
  const { Id } = await docker.exec.create(containerId, { Cmd: command, WorkingDir: '/workspace', Env: ['HOME=/workspace'], AttachStdout: true, AttachStderr: true })
  const { stdout, stderr, closed } = await docker.exec.start(Id)
  let printed = ''
  stdout.resume()
  stderr.on('data', (chunk: Buffer) => { printed += chunk.toString() })
  await closed
  const { ExitCode } = await docker.exec.inspect(Id)
  if (ExitCode !== 0) throw new Error(printed)
}
