import { createDockerClient, endpointFromEnv, type DockerClient } from '../../src/docker/index.ts'
import { userWithKey } from '../live/projects/user.ts'
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
const INSTALL = 'rm -rf installed && pip install --quiet --no-index --find-links wheels --target installed one two three four five && ls installed/five/m39.py'

/** Installing packages in a project, beside the same in a container of the same image without anything of Berth's. */
export async function benchPackages (print: Print): Promise<void> {
  const server = await startServerProcess({ RUNTIMES: 'python', PROJECT_CPUS: '2', PROJECT_TOOLS: 'on', RATE_LIMIT: 'off' })
  const docker = createDockerClient(endpointFromEnv(process.env))
  const user = userWithKey(server.origin, server.key)
  const { id } = await user.createProject({ network: 'none', memory: 1024 ** 3 })
  let bare: string | undefined
  try {
    const { containerId } = await user.start(id)
    const { Config: { Image } } = await docker.containers.inspect(containerId ?? '')
    bare = await startBare(docker, Image)
    const container = bare
    const ours = async (cmd: string | string[]): Promise<void> => {
      const result = await user.exec(id, cmd)
      if (result.exitCode !== 0) throw new Error(result.error)
    }
    const make = ['python3', '-c', MAKE_WHEELS]
    await ours(make)
    await runIn(docker, container, make)
    const cases = {
      bare: async () => await runIn(docker, container, ['/bin/bash', '-c', INSTALL]),
      ours: async () => await ours(INSTALL)
    }
    await interleave(1, cases)
    const samples = await interleave(ROUNDS, cases)
    print(`pip install of five wheels, ${ROUNDS} rounds, milliseconds`)
    print(reportLine('in a bare container of the image', samples.bare))
    print(reportLine('in a project (target 1.1 x)', samples.ours, samples.bare))
  } finally {
    if (bare !== undefined) await docker.containers.remove(bare, { force: true, volumes: true })
    await user.remove(id)
    await docker.close()
    await server.stop()
  }
}

async function startBare (docker: DockerClient, image: string): Promise<string> {
  const { Id } = await docker.containers.create({ Image: image, Entrypoint: ['/bin/sleep'], Cmd: ['infinity'], WorkingDir: '/workspace', Volumes: { '/workspace': {} }, User: '0', HostConfig: { NetworkMode: 'none' } })
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
