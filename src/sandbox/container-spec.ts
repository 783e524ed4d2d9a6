import { createHash } from 'node:crypto'
import type { ContainerCreateBody, Mount } from '../docker/index.ts'
import { hardening, type Hardening } from './hardening.ts'
import { labels } from './labels.ts'
import { boundedTerminals, NO_TERMINALS } from './pseudo-terminals.ts'

interface ContainerSpec extends Hardening {
  readonly image: string
  readonly instanceId: string
  /** User and group id of everything in it: no two owners have the same, so none can use up what the kernel counts by it. */
  readonly uid: number
  /** Volume that holds the agent's binary, mounted read-only. */
  readonly agentVolume: string
}

interface SandboxSpec extends ContainerSpec {
  readonly language: string
}

export interface RunSandboxSpec extends SandboxSpec {
  readonly bootId: string
  /** With a kernel of its own the container has as much from the start, and the agent keeps what each program may have. */
  readonly memoryMaxBytes?: number
  /** Size of /workspace and of /tmp, each. They count towards the memory limit. */
  readonly diskBytes: number
}

export interface ProjectSandboxSpec extends SandboxSpec {
  readonly bootId: string
  readonly projectId: string
  readonly owner: string
  /** Of the lease under which it is made. */
  readonly leaseNumber: number
  /** The instance's network; undefined is none but loopback. */
  readonly network: string | undefined
  readonly previewPort: number
  /** On a random port of the host's loopback, and over that alone. */
  readonly isPreviewPortPublished: boolean
  /** Added to the image's own environment. */
  readonly env: Readonly<Record<string, string>>
  /** Size of /tmp. It counts towards the memory limit. */
  readonly tmpBytes: number
  /** Most pseudo-terminals at once. */
  readonly terminals: number
  /** Largest file. */
  readonly fileBytes: number
  /** Of the volume, where the Engine's file system has project quotas. It counts only when the volume is made. */
  readonly volumeBytes?: number | undefined
}

/** What works on the files of a project that does not run. */
export interface HelperSpec extends ContainerSpec {
  readonly bootId: string
  readonly projectId: string
  readonly owner: string
  /** Largest file. */
  readonly fileBytes: number
  /** As a project's own. */
  readonly volumeBytes?: number | undefined
}

/** What tells how much the Engine's disk has left. */
export interface SpaceSandboxSpec {
  readonly image: string
  readonly instanceId: string
  readonly bootId: string
  readonly agentVolume: string
  readonly memoryBytes: number
}

export const WORKSPACE = '/workspace'
export const AGENT_MOUNT = '/berth'

/** Every directory of a run sandbox that a program can write to: a reset empties them all, and the message queues. */
const SCRATCH_DIRECTORIES = [WORKSPACE, '/tmp', '/dev/shm'] as const

/** The Engine itself sees to it that there is one of each project. */
export function projectVolumeName (projectId: string): string {
  return `berth-project-${projectId}`
}

/** Like the volume's, but the Engine's name server tells it to other projects, so that the id must not be seen in it. */
export function projectContainerName (projectId: string): string {
  return `berth-${createHash('sha256').update(`container of project ${projectId}`).digest('hex').slice(0, 32)}`
}

const NOBODY = 65_534
const SPACE_CPUS = 0.5
const SPACE_PIDS = 4
const SPACE_FILE_BYTES = 4096

const SCRATCH_INODES = 65_536

// The agent's init gives processes 8 s between SIGTERM and SIGKILL.
const PROJECT_STOP_SECONDS = 10

// tmpfs is noexec unless told otherwise, and compiled programs run from here.
function scratchOptions (uid: number, bytes: number, mode: string): string {
  return `rw,exec,nosuid,nodev,size=${bytes},nr_inodes=${SCRATCH_INODES},uid=${uid},gid=${uid},mode=${mode}`
}

function userOf ({ uid }: ContainerSpec): string {
  return `${uid}:${uid}`
}

/** What both kinds of sandboxes have whose agent works over our connection, and nobody else's. */
function attachedBody (spec: ContainerSpec, options: readonly string[] = []): ContainerCreateBody {
  return {
    Image: spec.image,
    Entrypoint: [`${AGENT_MOUNT}/agent`],
    Cmd: ['serve', '--root', WORKSPACE, ...options],
    Env: [],
    User: userOf(spec),
    WorkingDir: WORKSPACE,
    Hostname: 'sandbox',
    // With StdinOnce the agent's input ends when the server's connection does, so it ends itself after a crash of ours.
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    NetworkDisabled: true,
    // An image's own health check would run guest code outside of any run.
    Healthcheck: { Test: ['NONE'] },
    // The agent heeds no other signal: a guest could forge one.
    StopSignal: 'SIGKILL'
  }
}

/**
 * The create body of a run sandbox: no network, nothing writable but sized tmpfs, the agent as PID 1 on its stdio.
 * This file is the only place that builds a create body; a table test pins every field.
 */
export function runSandboxBody (spec: RunSandboxSpec): ContainerCreateBody {
  return {
    ...attachedBody(spec, SCRATCH_DIRECTORIES.flatMap((directory) => ['--scratch', directory])),
    Labels: {
      [labels.instance]: spec.instanceId,
      [labels.boot]: spec.bootId,
      [labels.kind]: 'run',
      [labels.runtime]: spec.language
    },
    HostConfig: {
      ...hardening({ ...spec, memoryBytes: (spec.hasOwnKernel === true ? spec.memoryMaxBytes : undefined) ?? spec.memoryBytes }, spec.diskBytes),
      Mounts: [agentMount(spec)],
      NetworkMode: 'none',
      Tmpfs: {
        [WORKSPACE]: scratchOptions(spec.uid, spec.diskBytes, '0755'),
        '/tmp': scratchOptions(spec.uid, spec.diskBytes, '1777'),
        ...NO_TERMINALS
      },
      // What a run prints goes to its owner only, never to the Engine's log files.
      LogConfig: { Type: 'none', Config: {} }
    }
  }
}

/**
 * The create body of a project sandbox: a named volume at /workspace that outlives it, and the agent as init, which
 * depends on no connection of ours, so that it runs on while a server restarts.
 */
export function projectSandboxBody (spec: ProjectSandboxSpec): ContainerCreateBody {
  const port = `${spec.previewPort}/tcp`
  const isPublished = spec.network !== undefined && spec.isPreviewPortPublished
  return {
    Image: spec.image,
    Entrypoint: [`${AGENT_MOUNT}/agent`],
    Cmd: ['init'],
    // HOME is the workspace: the one place that is there from the first moment, belongs to the user and survives a stop.
    Env: Object.entries({ ...spec.env, HOME: WORKSPACE, PORT: String(spec.previewPort) }).map(([name, value]) => `${name}=${value}`),
    User: userOf(spec),
    WorkingDir: WORKSPACE,
    Hostname: 'sandbox',
    Labels: { ...projectLabels(spec), [labels.runtime]: spec.language, [labels.lease]: String(spec.leaseNumber) },
    OpenStdin: false,
    Tty: false,
    NetworkDisabled: spec.network === undefined,
    Healthcheck: { Test: ['NONE'] },
    StopSignal: 'SIGTERM',
    StopTimeout: PROJECT_STOP_SECONDS,
    ...(!isPublished ? {} : { ExposedPorts: { [port]: {} } }),
    HostConfig: {
      ...hardening(spec, spec.fileBytes),
      Mounts: [agentMount(spec), workspaceMount(spec), ...boundedTerminals(spec)],
      NetworkMode: spec.network ?? 'none',
      ...(!isPublished ? {} : { PortBindings: { [port]: [{ HostIp: '127.0.0.1', HostPort: '' }] } }),
      Tmpfs: { '/tmp': scratchOptions(spec.uid, spec.tmpBytes, '1777') },
      LogConfig: { Type: 'local', Config: { 'max-size': '1m', 'max-file': '2' } }
    }
  }
}

/**
 * The create body of a helper container: a project's volume and nothing else. The image is the agent's own, in which there
 * is no other program, and the agent ends with the server's connection as in a run sandbox.
 */
export function helperBody (spec: HelperSpec): ContainerCreateBody {
  return {
    ...attachedBody(spec),
    Labels: filesLabels(spec),
    HostConfig: {
      ...hardening(spec, spec.fileBytes),
      Mounts: [agentMount(spec), workspaceMount(spec)],
      NetworkMode: 'none',
      LogConfig: { Type: 'none', Config: {} }
    }
  }
}

/**
 * The create body of the sandbox that tells what the Engine's disk has left: a helper container on the volume of the agent,
 * read-only, which lies where the volumes of projects do.
 */
export function spaceSandboxBody (spec: SpaceSandboxSpec): ContainerCreateBody {
  const body = helperBody({ ...spec, uid: NOBODY, projectId: '', owner: '', cpus: SPACE_CPUS, pids: SPACE_PIDS, fileBytes: SPACE_FILE_BYTES })
  return {
    ...body,
    Labels: { [labels.instance]: spec.instanceId, [labels.boot]: spec.bootId, [labels.kind]: 'files' },
    HostConfig: { ...body.HostConfig, Mounts: [{ ...agentMount(spec), Target: WORKSPACE }] }
  }
}

export type WorkspaceOwnerSpec = HelperSpec | ProjectSandboxSpec

/** The create body of a container that is never started: through it the Engine gives a new volume to its user. */
export function workspaceOwnerBody (spec: WorkspaceOwnerSpec): ContainerCreateBody {
  return {
    Image: spec.image,
    Entrypoint: [`${AGENT_MOUNT}/agent`],
    Cmd: ['version'],
    User: userOf(spec),
    Labels: filesLabels(spec),
    NetworkDisabled: true,
    HostConfig: {
      ...hardening(spec, spec.fileBytes),
      // Else the Engine refuses an archive whose place is not beneath a volume, and beneath it does not change the root.
      ReadonlyRootfs: false,
      Mounts: [newWorkspaceMount(spec)],
      NetworkMode: 'none',
      LogConfig: { Type: 'none', Config: {} }
    }
  }
}

function filesLabels ({ instanceId, bootId, projectId, owner }: WorkspaceOwnerSpec): Record<string, string> {
  return {
    [labels.instance]: instanceId,
    [labels.boot]: bootId,
    [labels.kind]: 'files',
    [labels.project]: projectId,
    [labels.owner]: owner
  }
}

type ProjectPart = Pick<ProjectSandboxSpec, 'instanceId' | 'projectId' | 'owner'> & { readonly volumeBytes?: number | undefined }

/**
 * Without the Engine's copy of the image's /workspace, which gives an empty volume the owner that the image's has, again and
 * again; and without labels: a volume that has none was made by the Engine in place of one that had just been lost.
 */
function workspaceMount ({ projectId }: Pick<ProjectPart, 'projectId'>): Mount {
  return { Type: 'volume', Source: projectVolumeName(projectId), Target: WORKSPACE, VolumeOptions: { NoCopy: true } }
}

/** The mount that makes a project's volume. */
function newWorkspaceMount (spec: ProjectPart): Mount {
  const { VolumeOptions, ...mount } = workspaceMount(spec)
  const quota = spec.volumeBytes === undefined ? {} : { DriverConfig: { Name: 'local', Options: { size: String(spec.volumeBytes) } } }
  return { ...mount, VolumeOptions: { ...VolumeOptions, Labels: projectLabels(spec), ...quota } }
}

function projectLabels ({ instanceId, projectId, owner }: ProjectPart): Record<string, string> {
  return {
    [labels.instance]: instanceId,
    [labels.kind]: 'project',
    [labels.project]: projectId,
    [labels.owner]: owner
  }
}

function agentMount ({ agentVolume }: Pick<SandboxSpec, 'agentVolume'>): Mount {
  return { Type: 'volume', Source: agentVolume, Target: AGENT_MOUNT, ReadOnly: true, VolumeOptions: { NoCopy: true } }
}
