import { describe, expect, it } from 'vitest'
import { planReconcile, type ReconcilePlan, type Snapshot } from '../../../src/projects/lifecycle/reconcile-plan.ts'
import { explainEnd, settle, type SettledProject, type Settlement } from '../../../src/projects/lifecycle/settle.ts'

type Row = SettledProject & { isLeased: boolean }
const row = (status: Row['status'], more: Partial<Row> = {}): Row => ({ status, isLeased: false, isDeleted: false, ...more })
const container = (projectId: string, isRunning = true) => ({ id: `c-${projectId}`, projectId, isRunning })
const nothing: ReconcilePlan = { settle: [], removeContainers: [], removeVolumes: [], quarantineVolumes: [], releaseVolumes: [], removeNetworks: [] }

function plan ({ projects = {}, ...engine }: Partial<Omit<Snapshot, 'projects'>> & { projects?: Record<string, Row> }): ReconcilePlan {
  return planReconcile({ containers: [], volumes: [], networks: [], deleted: new Set(), quarantined: new Map(), quarantineMs: 1_000, ...engine, projects: new Map(Object.entries(projects)) })
}

describe('what a project at rest needs', () => {
  const gone = { kind: 'rest', status: 'stopped' } as const
  it.each<[string, SettledProject, boolean | undefined, Settlement]>([
    ['running with its container', row('running'), true, { kind: 'keep' }],
    ['running with an ended container', row('running'), false, { ...gone, cause: 'container_ended' }],
    ['running without a container', row('running'), undefined, { ...gone, cause: 'container_ended' }],
    ['half started, with a running container', row('starting'), true, { ...gone, cause: 'start_interrupted' }],
    ['half started, with a created container', row('starting'), false, { ...gone, cause: 'start_interrupted' }],
    ['half started, without a container', row('starting'), undefined, { ...gone, cause: 'start_interrupted' }],
    ['half stopped, with a running container', row('stopping'), true, { ...gone, cause: undefined }],
    ['half stopped, without a container', row('stopping'), undefined, { ...gone, cause: undefined }],
    ['stopped', row('stopped'), undefined, { kind: 'keep' }],
    ['stopped with a container', row('stopped'), true, { ...gone, cause: undefined }],
    ['in error', row('error'), undefined, { kind: 'keep' }],
    ['in error with a container', row('error'), false, { kind: 'rest', status: 'error', cause: undefined }],
    ['half deleted', row('running', { isDeleted: true }), true, { kind: 'delete' }],
    ['half deleted without a container', row('stopped', { isDeleted: true }), undefined, { kind: 'delete' }]
  ])('%s', (_name, project, isRunning, settlement) => {
    expect(settle(project, isRunning === undefined ? undefined : { isRunning })).toEqual(settlement)
  })
})

describe('why a container has ended', () => {
  it.each([
    ['in order', { exitCode: 0, isOomKilled: false }, null],
    ['in order, when one of its programs had been out of memory', { exitCode: 0, isOomKilled: true }, null],
    ['by a signal', { exitCode: 137, isOomKilled: false }, /killed by signal 9/],
    ['by itself', { exitCode: 70, isOomKilled: false }, /exit code 70/],
    ['for want of memory', { exitCode: 137, isOomKilled: true }, /out of memory/],
    ['and is gone', undefined, /removed from outside/]
  ])('%s', (_name, end, text) => {
    const explained = explainEnd(end)
    if (text === null) expect(explained).toBeNull()
    else expect(explained).toMatch(text)
  })
})

describe('the plan', () => {
  const networks = [{ id: 'net' }]
  const unknown = { name: 'v-x', projectId: 'x' }
  it.each<[string, Parameters<typeof plan>[0], Partial<ReconcilePlan>]>([
    ['is empty where there is nothing', {}, {}],
    ['is empty where both agree', { projects: { a: row('running'), b: row('stopped') }, containers: [container('a')], volumes: [{ name: 'v-a', projectId: 'a' }, { name: 'v-b', projectId: 'b' }], networks }, {}],
    ['settles a project whose container has ended', { projects: { a: row('running') }, containers: [container('a', false)] }, { settle: ['a'] }],
    ['settles a project whose container has gone', { projects: { a: row('running') } }, { settle: ['a'] }],
    ['settles what a dead server left half done', { projects: { a: row('starting'), b: row('stopping'), c: row('stopped', { isDeleted: true }) } }, { settle: ['a', 'b', 'c'] }],
    ['settles a stopped project that has a container', { projects: { a: row('stopped') }, containers: [container('a')] }, { settle: ['a'] }],
    ['leaves to others what they are at work on', { projects: { a: row('starting', { isLeased: true }), b: row('running', { isLeased: true }), c: row('stopped', { isLeased: true, isDeleted: true }) } }, {}],
    ['removes containers without a project, but not their volumes', { projects: { a: row('running') }, containers: [container('a'), container('x')], volumes: [{ name: 'v-a', projectId: 'a' }, unknown] }, { removeContainers: ['c-x'], quarantineVolumes: [unknown] }],
    ['leaves a volume in quarantine', { volumes: [unknown], quarantined: new Map([['v-x', 999]]) }, {}],
    ['removes a volume after its quarantine', { volumes: [unknown], quarantined: new Map([['v-x', 1_000]]) }, { removeVolumes: ['v-x'] }],
    ['removes the volume of a project that was deleted at once', { volumes: [unknown], deleted: new Set(['x']) }, { removeVolumes: ['v-x'] }],
    ['ends the quarantine of a volume whose project is there again', { projects: { x: row('stopped') }, volumes: [unknown], quarantined: new Map([['v-x', 5_000]]) }, { releaseVolumes: ['v-x'] }],
    ['ends the quarantine of a volume that somebody has removed', { quarantined: new Map([['v-x', 5]]) }, { releaseVolumes: ['v-x'] }],
    ['quarantines a volume whose label names no project', { volumes: [{ name: 'odd', projectId: '' }] }, { quarantineVolumes: [{ name: 'odd', projectId: '' }] }],
    ['keeps the volume of a stopped project', { projects: { a: row('stopped') }, volumes: [{ name: 'v-a', projectId: 'a' }] }, {}],
    ['removes the network when nothing uses it', { projects: { a: row('stopped'), b: row('error') }, networks }, { removeNetworks: ['net'] }],
    ['keeps the network for a container', { projects: { a: row('stopped') }, containers: [container('a', false)], networks }, { settle: ['a'] }],
    ['keeps the network for a start under way', { projects: { a: row('starting', { isLeased: true }) }, networks }, {}]
  ])('%s', (_name, given, expected) => {
    expect(plan(given)).toEqual({ ...nothing, ...expected })
  })
})
