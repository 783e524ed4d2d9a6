import { randomUUID } from 'node:crypto'
import type { DockerClient } from '../../../docker/index.ts'
import { errors } from '../../../errors.ts'
import { coalesce } from '../../../lib/coalesce.ts'
import { labels } from '../../../sandbox/labels.ts'
import { MisfitError } from './errors.ts'
import { adoptionCode, explainMisfit, judge, type Findings } from './judge.ts'
import { createMarkers } from './markers.ts'
import type { BindingRepo } from './repo.ts'

/** How old a copy of the database may be and still be taken for the original, twice this at most. */
const ROTATE_MS = 300_000
// Within what the database lets a transaction be idle for.
const ENGINE_DEADLINE_MS = 5_000

export interface EngineBinding {
  /** Throws MisfitError when the database and the Engine do not fit. An Engine that does not answer is checked later. */
  readonly open: () => Promise<void>
  /** Looks again, at both. Throws ENGINE_MISMATCH. */
  readonly check: () => Promise<void>
  /** The same, but costs nothing while nobody doubts it. To be awaited before anything is done to a project. */
  readonly ensure: () => Promise<void>
  /** The connection to the Engine was lost: another one may answer from now on. */
  readonly doubt: () => void
  /** What the operator is to know, while they do not fit. */
  readonly problem: () => string | undefined
  /** The marker goes with the last that it protects. */
  readonly close: () => Promise<void>
}

/** Keeps a server from working on projects with an Engine and a database that do not belong together. */
export function createEngineBinding ({ docker, repo, instanceId, adopt, log, now = () => performance.now() }: {
  docker: DockerClient
  repo: BindingRepo
  instanceId: string
  /** The code of what the operator wants to be adopted. */
  adopt: string | undefined
  log: { warn: (fields: object, message: string) => void }
  now?: () => number
}): EngineBinding {
  const markers = createMarkers(docker, instanceId)
  const options = { deadlineMs: ENGINE_DEADLINE_MS }
  let doubts = 0
  let checkedDoubts = -1
  let problem: string | undefined
  let rotatedAt = -Infinity

  async function countOurs (): Promise<number> {
    const filters = { label: [`${labels.instance}=${instanceId}`, `${labels.kind}=project`] }
    const [volumes, containers] = await Promise.all([docker.volumes.list(filters, options), docker.containers.list({ all: true, filters }, options)])
    return volumes.length + containers.length
  }

  /** What keeps them from fitting; undefined when they do. */
  async function inspect (): Promise<string | undefined> {
    const [databaseId, filledProjects] = await Promise.all([repo.databaseId(), repo.countFilled()])
    const { misfit, missingMarker } = await repo.exclusively(async ({ known, save }) => {
      const [{ ID: engineId }, found, ours] = await Promise.all([docker.system.info(options), markers.list(options), countOurs()])
      const findings: Findings = { known, engineId, databaseId, markers: found.map(({ token }) => token), volumes: ours, filledProjects }
      const verdict = judge(findings)
      const isAdopted = !verdict.fits && adopt === adoptionCode(verdict.misfit, findings)
      if (!verdict.fits && !isAdopted) return { misfit: explainMisfit(verdict.misfit, findings) }
      const token = randomUUID()
      if (known === undefined) {
        await save({ engineId, databaseId, token })
        return { missingMarker: token }
      }
      if (verdict.fits && verdict.isMarkerLost) return { missingMarker: known.token }
      if (isAdopted) log.warn({ engineId, databaseId }, 'the Engine is adopted, as ADOPT_ENGINE says')
      else if (now() - rotatedAt < ROTATE_MS) return {}
      // On the Engine first: a crash in between leaves a marker that no database knows, not a database without its marker.
      await markers.create(token, options)
      await save({ engineId, databaseId, token })
      rotatedAt = now()
      // The last one stays: a standby that takes over may lack the newest token.
      for (const marker of found) if (isAdopted || marker.token !== known.token) await markers.remove(marker.name, options)
      return {}
    })
    // Only what is in the database for certain: a marker that no database knows says that there is a newer one.
    if (missingMarker !== undefined) await markers.create(missingMarker, options)
    return misfit
  }

  const checkOnce = coalesce(async () => {
    const seen = doubts
    const before = problem
    problem = await inspect()
    if (problem === undefined) checkedDoubts = seen
    else if (problem !== before) log.warn({ problem }, 'projects are not worked on')
  })

  async function check (): Promise<void> {
    await checkOnce()
    if (problem !== undefined) throw new errors.ENGINE_MISMATCH()
  }

  async function ensure (): Promise<void> {
    if (checkedDoubts === doubts && problem === undefined) return
    await check()
  }

  return {
    async open () {
      await checkOnce().catch((err: unknown) => log.warn({ err }, 'whether the Engine is the one of this database is checked when it answers'))
      if (problem !== undefined) throw new MisfitError(problem)
    },
    check,
    ensure,
    doubt () {
      doubts++
    },
    problem: () => problem,
    async close () {
      if (problem !== undefined) return
      await ensure()
      await repo.exclusively(async () => {
        if (await repo.countFilled() > 0 || await countOurs() > 0) return
        for (const { name } of await markers.list(options)) await markers.remove(name, options)
      })
    }
  }
}
