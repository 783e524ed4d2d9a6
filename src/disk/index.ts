import { statfs } from 'node:fs/promises'
import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import { loadInstanceId } from '../db/instance-id.ts'
import { errors } from '../errors.ts'
import { readGauge, type Readings } from '../lib/read-gauge.ts'
import { toldWithin } from '../lib/told-within.ts'
import type { FileSystemSpace } from '../sandbox/agent-protocol.ts'
import { startAttachedSandbox } from '../sandbox/attached-sandbox.ts'
import { spaceSandboxBody } from '../sandbox/container-spec.ts'
import { removeOwnHelpers } from '../sandbox/helper-container.ts'
import { imageReference } from '../sandbox/images/lookup.ts'
import { AGENT_IMAGE, type ImageSpecs } from '../sandbox/images/resolve.ts'
import { labels } from '../sandbox/labels.ts'
import { createEnginePreparation } from '../sandbox/preparation.ts'
import { createEngineSpace } from './engine-space.ts'
import { deriveReserve, isBelowReserve } from './reserve.ts'
import type { DiskReport } from './schemas.ts'
import { hasVolumeQuota } from './volume-quota.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What this route makes takes space: it is refused, before its body is read, while the disk has too little. */
    needsSpace?: boolean
  }
  interface FastifyInstance {
    disk: Disk
  }
}

export type Enforcement = 'quota' | 'guard'

export interface Disk {
  /**
   * Throws DISK_FULL when less than the reserve is left of the Engine's disk or of DATA_DIR's, or would be once so many
   * more bytes are taken of either. What cannot be told refuses nothing.
   */
  readonly check: (moreBytes?: number) => Promise<void>
  /** Of the file system of projects' volumes, not older than so long; undefined while it cannot be told. */
  readonly space: (maxAgeMs?: number) => Promise<FileSystemSpace | undefined>
  /** Whether less than the reserve is left there. */
  readonly isLow: (space: FileSystemSpace) => boolean
  /** What bounds a project's files while its programs write: the file system itself, or a guard that measures and stops. */
  readonly enforcement: () => Promise<Enforcement>
  readonly describe: () => Promise<DiskReport>
}

const CHECK_MAX_AGE_MS = 1_000
const DESCRIBE_DEADLINE_MS = 2_000
const CLEAR_DEADLINE_MS = 5_000
const MEMORY_BYTES = 32 * 1024 ** 2

/** The disks that users fill: what is left of them, and what has to stay free. */
export default fp<{ config: Config, images: ImageSpecs }>(async (app, { config, images }) => {
  const { db, docker, liveness, log } = app
  const { reserveBytes } = config.disk
  const instanceId = await loadInstanceId(db)
  // No guest's program runs in it, so it needs no other runtime either.
  const preparation = createEnginePreparation(docker, images, undefined)
  const engine = createEngineSpace({
    onError: (err) => log.warn({ err }, 'what is left of the Engine\'s disk cannot be told'),
    start: async (signal) => await startAttachedSandbox(docker, spaceSandboxBody({
      image: imageReference(images, AGENT_IMAGE),
      instanceId,
      bootId: liveness.serverId,
      ...await preparation.prepare().catch((error: unknown) => {
        preparation.forget()
        throw error
      }),
      memoryBytes: MEMORY_BYTES
    }), signal)
  })
  let probing: Promise<Enforcement> | undefined

  async function probe (): Promise<Enforcement> {
    return await hasVolumeQuota(docker, { [labels.instance]: instanceId }) ? 'quota' : 'guard'
  }

  async function dataSpace (): Promise<FileSystemSpace> {
    const { bsize, blocks, bavail, files, ffree } = await statfs(config.dataDir)
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize, totalInodes: files, freeInodes: ffree }
  }

  const disk: Disk = {
    async check (moreBytes = 0) {
      const spaces = await Promise.all([engine.read(CHECK_MAX_AGE_MS), dataSpace().catch(() => undefined)])
      if (spaces.some((space) => space !== undefined && isBelowReserve(space, reserveBytes, moreBytes))) throw new errors.DISK_FULL()
    },
    space: engine.read,
    isLow: (space) => isBelowReserve(space, reserveBytes),
    async enforcement () {
      probing ??= probe().catch((error: unknown) => {
        probing = undefined
        throw error
      })
      return await probing
    },
    async describe () {
      const describeSpace = ({ totalBytes, freeBytes }: FileSystemSpace) => ({ total: totalBytes, free: freeBytes, reserve: reserveBytes ?? deriveReserve(totalBytes) })
      const [enforcement, projects, data] = await Promise.all([
        toldWithin(DESCRIBE_DEADLINE_MS, disk.enforcement()),
        toldWithin(DESCRIBE_DEADLINE_MS, engine.read(CHECK_MAX_AGE_MS)),
        toldWithin(DESCRIBE_DEADLINE_MS, dataSpace())
      ])
      return {
        enforcement: enforcement ?? null,
        ...(projects === undefined ? { total: null, free: null, reserve: null } : describeSpace(projects)),
        data: data === undefined ? null : describeSpace(data)
      }
    }
  }
  app.decorate('disk', disk)

  const read = (what: 'free' | 'reserve') => async (): Promise<Readings> => {
    const { data, ...projects } = await disk.describe()
    return [['projects', projects[what]] as const, ['data', data?.[what] ?? null] as const].flatMap(([name, bytes]) => bytes === null ? [] : [[{ disk: name }, bytes]])
  }
  readGauge(app.metrics, { name: 'disk_free_bytes', help: 'What is left of the disk of the projects, and of DATA_DIR\'s', labels: ['disk'], read: read('free') })
  readGauge(app.metrics, { name: 'disk_reserve_bytes', help: 'What has to stay free of it: with less, nothing is made that takes space', labels: ['disk'], read: read('reserve') })

  // After authentication, which is in onRequest: a stranger's request asks no Engine.
  app.addHook('preParsing', async (request) => {
    if (request.routeOptions.config.needsSpace === true) await disk.check()
  })

  app.addHook('onListen', () => {
    disk.enforcement().then((enforcement) => log.info({ enforcement }, enforcement === 'quota'
      ? 'the file system bounds what projects can take of the disk; a guard bounds the number of their files'
      : 'a guard bounds what projects can take of the disk: it measures those that write, and stops what is too large'
    ), (err: unknown) => log.warn({ err }, 'what bounds projects\' files cannot be told yet'))
  })
  app.addHook('onClose', async () => {
    await engine.close()
    // The last of those who have helper containers; what is left now, others would sweep.
    await removeOwnHelpers(docker, { instanceId, bootId: liveness.serverId }, { signal: AbortSignal.timeout(CLEAR_DEADLINE_MS) })
      .catch((err: unknown) => log.info({ err }, 'helper containers are left to be swept'))
  })
}, { name: 'disk', dependencies: ['db', 'docker', 'metrics'] })
