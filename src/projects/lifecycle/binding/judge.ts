import { createHash } from 'node:crypto'

/** Which Engine, and which state of which database, projects were last worked on with. */
export interface Binding {
  /** `ID` of `GET /info`. */
  readonly engineId: string
  /** Of the PostgreSQL cluster and the database in it; null where that may not be asked. A restored dump has another one. */
  readonly databaseId: string | null
  /** Also on the Engine, as a marker. It changes every few minutes, so that an old state of the database has an old one. */
  readonly token: string
}

export interface Findings {
  /** As the database has it; undefined before the first start. */
  readonly known: Binding | undefined
  readonly engineId: string
  readonly databaseId: string | null
  /** Tokens of this instance's markers on the Engine. */
  readonly markers: readonly string[]
  /** Projects' volumes of this instance on the Engine. */
  readonly volumes: number
  /** Projects that have a volume, as the database has it. */
  readonly filledProjects: number
}

export type Misfit = 'other_engine' | 'copied_database' | 'older_database' | 'volumes_gone'

export type Verdict =
  | { readonly fits: true, readonly isMarkerLost: boolean }
  | { readonly fits: false, readonly misfit: Misfit }

/** Whether what the database says of projects is true of this Engine, as far as both can tell. */
export function judge ({ known, engineId, databaseId, markers, volumes, filledProjects }: Findings): Verdict {
  if (known === undefined) return markers.length === 0 ? { fits: true, isMarkerLost: false } : { fits: false, misfit: 'older_database' }
  if (known.engineId !== engineId) return { fits: false, misfit: 'other_engine' }
  if (known.databaseId !== null && databaseId !== null && known.databaseId !== databaseId) return { fits: false, misfit: 'copied_database' }
  if (markers.includes(known.token)) return { fits: true, isMarkerLost: false }
  if (markers.length > 0) return { fits: false, misfit: 'older_database' }
  // Such as after `docker volume prune`. An Engine that has nothing of ours may be a machine cloned with its Engine's id.
  if (volumes === 0 && filledProjects > 0) return { fits: false, misfit: 'volumes_gone' }
  return { fits: true, isMarkerLost: true }
}

/** What an operator repeats to adopt exactly this Engine for exactly this database: it fits no other situation, nor this one twice. */
export function adoptionCode (misfit: Misfit, { known, engineId, databaseId, markers }: Findings): string {
  const situation = JSON.stringify([misfit, known, engineId, databaseId, [...markers].sort()])
  return createHash('sha256').update(situation).digest('hex').slice(0, 12)
}

const REASONS: Record<Misfit, string> = {
  other_engine: 'The database belongs to another Docker Engine',
  copied_database: 'This database is a copy of the one that the projects on this Docker Engine belong to',
  older_database: 'The projects on this Docker Engine belong to a newer state of this database, or to a copy of it',
  volumes_gone: 'This Docker Engine has none of the volumes that the database knows'
}

/** For the operator. */
export function explainMisfit (misfit: Misfit, findings: Findings): string {
  return `${REASONS[misfit]} (Engine ${findings.engineId}${misfit === 'other_engine' ? `, expected ${findings.known?.engineId ?? ''}` : ''}). ` +
    'To keep projects\' files from being lost, Berth does not work on them. ' +
    'If DOCKER_HOST or DATABASE_URL is wrong, or this is a copy for tests, correct it: a copy needs an Engine of its own. ' +
    'If the Engine was moved on purpose, or a backup was restored, and no other server works with it, ' +
    `start once with ADOPT_ENGINE=${adoptionCode(misfit, findings)}`
}
