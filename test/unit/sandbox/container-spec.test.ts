import { describe, expect, it } from 'vitest'
import { helperBody, projectSandboxBody, runSandboxBody, spaceSandboxBody, workspaceOwnerBody, type HelperSpec, type ProjectSandboxSpec, type RunSandboxSpec } from '../../../src/sandbox/container-spec.ts'
import { missingHardening, weakPoints } from '../../../src/sandbox/engine-requirements.ts'
import { SECCOMP_PROFILE } from '../../../src/sandbox/seccomp/profile.ts'
import type { SystemInfo } from '../../../src/docker/index.ts'

const spec: RunSandboxSpec = {
  image: 'berth/python:0123456789ab',
  language: 'python',
  uid: 1_048_577,
  instanceId: 'instance',
  bootId: 'boot',
  agentVolume: 'berth-agent-0123456789ab',
  memoryBytes: 134_217_728,
  cpus: 1.5,
  pids: 64,
  diskBytes: 67_108_864
}

/** What every sandbox has, field by field, so that one that is lost, added or changed fails here. */
const hardened = ({ memory, nanoCpus, pids, fileBytes }: { memory: number, nanoCpus: number, pids: number, fileBytes: number }) => ({
  Privileged: false,
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges', `seccomp=${SECCOMP_PROFILE}`],
  ReadonlyRootfs: true,
  IpcMode: 'private',
  CgroupnsMode: 'private',
  Memory: memory,
  MemorySwap: memory,
  OomKillDisable: false,
  OomScoreAdj: 500,
  NanoCpus: nanoCpus,
  PidsLimit: pids,
  ShmSize: 67_108_864,
  Ulimits: [
    { Name: 'core', Soft: 0, Hard: 0 },
    { Name: 'fsize', Soft: fileBytes, Hard: fileBytes },
    { Name: 'nofile', Soft: 4096, Hard: 4096 },
    { Name: 'sigpending', Soft: 1024, Hard: 1024 }
  ],
  RestartPolicy: { Name: 'no' },
  AutoRemove: false,
  Init: false
})
const AGENT_MOUNT = { Type: 'volume', Source: 'berth-agent-0123456789ab', Target: '/berth', ReadOnly: true, VolumeOptions: { NoCopy: true } }
const WORKSPACE_MOUNT = { Type: 'volume', Source: 'berth-project-project', Target: '/workspace', VolumeOptions: { NoCopy: true } }
/** Of those whose agent works over our connection. */
const ATTACHED = {
  Entrypoint: ['/berth/agent'],
  Env: [],
  User: '1048577:1048577',
  WorkingDir: '/workspace',
  Hostname: 'sandbox',
  OpenStdin: true,
  StdinOnce: true,
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  Tty: false,
  NetworkDisabled: true,
  Healthcheck: { Test: ['NONE'] },
  StopSignal: 'SIGKILL'
}

describe('run sandbox', () => {
  it('has every field of its hardening', () => {
    expect(runSandboxBody(spec)).toEqual({
      ...ATTACHED,
      Image: 'berth/python:0123456789ab',
      Cmd: ['serve', '--root', '/workspace', '--scratch', '/workspace', '--scratch', '/tmp', '--scratch', '/dev/shm'],
      Labels: { 'berth.instance': 'instance', 'berth.boot': 'boot', 'berth.kind': 'run', 'berth.runtime': 'python' },
      HostConfig: {
        Mounts: [AGENT_MOUNT],
        Tmpfs: {
          '/workspace': 'rw,exec,nosuid,nodev,size=67108864,nr_inodes=65536,uid=1048577,gid=1048577,mode=0755',
          '/tmp': 'rw,exec,nosuid,nodev,size=67108864,nr_inodes=65536,uid=1048577,gid=1048577,mode=1777',
          '/dev/pts': 'ro,noexec,nosuid,nodev,size=4096,nr_inodes=1'
        },
        NetworkMode: 'none',
        LogConfig: { Type: 'none', Config: {} },
        ...hardened({ memory: 134_217_728, nanoCpus: 1_500_000_000, pids: 65, fileBytes: 67_108_864 })
      }
    })
  })

  it('runs under another OCI runtime where one is configured', () => {
    expect(runSandboxBody({ ...spec, ociRuntime: 'runsc' }).HostConfig?.Runtime).toBe('runsc')
  })

  it('gives a runtime with a kernel of its own memory and threads for that, and counts its tasks inside', () => {
    const { HostConfig } = runSandboxBody({ ...spec, hasOwnKernel: true, memoryMaxBytes: 2 ** 30 })
    expect(HostConfig).toMatchObject({ Memory: 2 ** 30 + 2 ** 26, MemorySwap: 2 ** 30 + 2 ** 26, PidsLimit: 128 + 3 * 65 })
    expect(HostConfig?.Ulimits).toContainEqual({ Name: 'nproc', Soft: 65, Hard: 65 })
    expect(HostConfig?.SecurityOpt).toEqual(runSandboxBody(spec).HostConfig?.SecurityOpt)
  })
})

const projectSpec: ProjectSandboxSpec = {
  image: 'berth/python:0123456789ab',
  language: 'python',
  uid: 1_048_577,
  instanceId: 'instance',
  bootId: 'boot',
  projectId: 'project',
  owner: 'owner',
  leaseNumber: 7,
  agentVolume: 'berth-agent-0123456789ab',
  network: 'berth-instance',
  previewPort: 3000,
  isPreviewPortPublished: true,
  env: { PYTHONUNBUFFERED: '1', HOME: '/elsewhere' },
  memoryBytes: 536_870_912,
  cpus: 2,
  pids: 256,
  tmpBytes: 67_108_864,
  terminals: 64,
  fileBytes: 1_073_741_824
}

describe('project sandbox', () => {
  it('has every field of its hardening, a volume of its own and one published port on loopback', () => {
    expect(projectSandboxBody(projectSpec)).toEqual({
      Image: 'berth/python:0123456789ab',
      Entrypoint: ['/berth/agent'],
      Cmd: ['init'],
      Env: ['PYTHONUNBUFFERED=1', 'HOME=/workspace', 'PORT=3000'],
      User: '1048577:1048577',
      WorkingDir: '/workspace',
      Hostname: 'sandbox',
      Labels: { 'berth.instance': 'instance', 'berth.kind': 'project', 'berth.project': 'project', 'berth.owner': 'owner', 'berth.runtime': 'python', 'berth.lease': '7' },
      OpenStdin: false,
      Tty: false,
      NetworkDisabled: false,
      Healthcheck: { Test: ['NONE'] },
      StopSignal: 'SIGTERM',
      StopTimeout: 10,
      ExposedPorts: { '3000/tcp': {} },
      HostConfig: {
        Mounts: [
          AGENT_MOUNT,
          WORKSPACE_MOUNT,
          {
            Type: 'volume',
            Target: '/dev/pts',
            VolumeOptions: {
              NoCopy: true,
              DriverConfig: { Name: 'local', Options: { type: 'devpts', device: 'devpts', o: 'newinstance,nosuid,noexec,ptmxmode=0666,mode=0620,gid=5,max=64' } }
            }
          }
        ],
        NetworkMode: 'berth-instance',
        PortBindings: { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
        Tmpfs: { '/tmp': 'rw,exec,nosuid,nodev,size=67108864,nr_inodes=65536,uid=1048577,gid=1048577,mode=1777' },
        LogConfig: { Type: 'local', Config: { 'max-size': '1m', 'max-file': '2' } },
        ...hardened({ memory: 536_870_912, nanoCpus: 2_000_000_000, pids: 257, fileBytes: 1_073_741_824 })
      }
    })
  })

  it('publishes nothing where more than the host\'s loopback could reach the port', () => {
    const { NetworkDisabled, ExposedPorts, HostConfig } = projectSandboxBody({ ...projectSpec, isPreviewPortPublished: false })
    expect([NetworkDisabled, ExposedPorts, HostConfig?.NetworkMode, HostConfig?.PortBindings]).toEqual([false, undefined, 'berth-instance', undefined])
  })

  it('leaves the terminals to gVisor, whose own they are', () => {
    const targets = projectSandboxBody({ ...projectSpec, ociRuntime: 'runsc', hasOwnKernel: true }).HostConfig?.Mounts?.map(({ Target }) => Target)
    expect(targets).toEqual(['/berth', '/workspace'])
  })

  it('publishes nothing where it has no network', () => {
    const { NetworkDisabled, ExposedPorts, HostConfig } = projectSandboxBody({ ...projectSpec, network: undefined })
    expect(NetworkDisabled).toBe(true)
    expect(ExposedPorts).toBeUndefined()
    expect(HostConfig?.NetworkMode).toBe('none')
    expect(HostConfig?.PortBindings).toBeUndefined()
  })
})

const filesSpec: HelperSpec = {
  image: 'berth/agent:0123456789ab',
  uid: 1_048_577,
  agentVolume: 'berth-agent-0123456789ab',
  instanceId: 'instance',
  bootId: 'boot',
  projectId: 'project',
  owner: 'owner',
  memoryBytes: 268_435_456,
  cpus: 1,
  pids: 8,
  fileBytes: 1_073_741_824
}

describe('files sandbox', () => {
  it('has every field of its hardening, no network, and the volume as a start of the project would make it', () => {
    const body = helperBody(filesSpec)
    expect(body).toEqual({
      ...ATTACHED,
      Image: 'berth/agent:0123456789ab',
      Cmd: ['serve', '--root', '/workspace'],
      Labels: { 'berth.instance': 'instance', 'berth.boot': 'boot', 'berth.kind': 'files', 'berth.project': 'project', 'berth.owner': 'owner' },
      HostConfig: {
        Mounts: [AGENT_MOUNT, WORKSPACE_MOUNT],
        NetworkMode: 'none',
        LogConfig: { Type: 'none', Config: {} },
        ...hardened({ memory: 268_435_456, nanoCpus: 1_000_000_000, pids: 9, fileBytes: 1_073_741_824 })
      }
    })
    expect(body.HostConfig?.Mounts?.[1]).toEqual(projectSandboxBody(projectSpec).HostConfig?.Mounts?.[1])
  })
})

describe('the sandbox that tells what the disk has left', () => {
  it('is a files sandbox on the agent\'s own volume, which it cannot write to, and of no project', () => {
    const { Labels, HostConfig, ...rest } = spaceSandboxBody({ image: filesSpec.image, instanceId: 'instance', bootId: 'boot', agentVolume: 'berth-agent-0123456789ab', memoryBytes: 33_554_432 })
    const { Labels: _labels, HostConfig: filesHostConfig, ...filesRest } = helperBody({ ...filesSpec, uid: 65_534 })
    expect(rest).toEqual(filesRest)
    expect(Labels).toEqual({ 'berth.instance': 'instance', 'berth.boot': 'boot', 'berth.kind': 'files' })
    expect(HostConfig).toEqual({
      ...filesHostConfig,
      Memory: 33_554_432,
      MemorySwap: 33_554_432,
      NanoCpus: 500_000_000,
      PidsLimit: 5,
      Ulimits: expect.arrayContaining([{ Name: 'fsize', Soft: 4096, Hard: 4096 }]),
      Mounts: [{ ...AGENT_MOUNT, Target: '/workspace' }]
    })
  })
})

describe('the container through which a volume is made and gets its owner', () => {
  const volume = { Type: 'volume', Source: 'berth-project-project', Target: '/workspace' }
  const options = { NoCopy: true, Labels: { 'berth.instance': 'instance', 'berth.kind': 'project', 'berth.project': 'project', 'berth.owner': 'owner' } }

  it('is as hard as the others but for the root, which the Engine has to write to, and has nothing but the volume', () => {
    const { HostConfig, ...body } = workspaceOwnerBody(projectSpec)
    const files = helperBody(filesSpec)
    expect(body).toEqual({ Image: projectSpec.image, Entrypoint: ['/berth/agent'], Cmd: ['version'], User: files.User, Labels: files.Labels, NetworkDisabled: true })
    const Mounts = [{ ...volume, VolumeOptions: options }]
    expect(workspaceOwnerBody(filesSpec).HostConfig).toEqual({ ...files.HostConfig, ReadonlyRootfs: false, Mounts })
    expect(HostConfig?.Mounts).toEqual(Mounts)
  })

  it('gives it a size where the Engine has quotas', () => {
    const DriverConfig = { Name: 'local', Options: { size: '2147483648' } }
    for (const spec of [projectSpec, filesSpec]) {
      expect(workspaceOwnerBody({ ...spec, volumeBytes: 2_147_483_648 }).HostConfig?.Mounts).toEqual([{ ...volume, VolumeOptions: { ...options, DriverConfig } }])
    }
  })
})

describe('engine requirements', () => {
  const complete = { SecurityOptions: ['name=seccomp,profile=default'], MemoryLimit: true, PidsLimit: true, CpuCfsQuota: true } as SystemInfo

  it('finds nothing missing on an Engine that can enforce all limits', () => {
    expect(missingHardening(complete)).toEqual([])
  })

  it.each<[string, Partial<SystemInfo>]>([
    ['seccomp', { SecurityOptions: ['name=apparmor'] }],
    ['memory limits', { MemoryLimit: false }],
    ['process limits', { PidsLimit: false }],
    ['CPU limits', { CpuCfsQuota: false }]
  ])('names %s when the Engine lacks it', (name, lack) => {
    expect(missingHardening({ ...complete, ...lack })).toEqual([expect.stringContaining(name)])
  })

  const newest = { ServerVersion: '28.5.2', SecurityOptions: ['name=seccomp,profile=default'], CgroupVersion: '2', SwapLimit: true }

  it.each([['20.10.24+dfsg1', 2], ['26.1.5', 1], ['28.5.2', 0]])('says what is weaker with Engine %s', (ServerVersion, count) => {
    expect(weakPoints({ ...newest, ServerVersion })).toEqual(Array(count).fill(expect.stringContaining(`Docker Engine ${ServerVersion}`)))
  })

  it.each<[string, Partial<SystemInfo>]>([
    ['user ids', { SecurityOptions: ['name=userns'] }],
    ['user ids', { SecurityOptions: ['name=rootless'] }],
    ['cgroup v1', { CgroupVersion: '1' }],
    ['limit swap', { SwapLimit: false }]
  ])('says what is weaker: %s with %j', (words, machine) => {
    expect(weakPoints({ ...newest, ...machine })).toEqual([expect.stringContaining(words)])
  })
})
