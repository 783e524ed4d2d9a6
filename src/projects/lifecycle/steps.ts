import type { VolumeStep } from './volumes/steps.ts'

/**
 * The points between two effects of an operation, where a crash leaves something behind that the next look at the
 * project must mend. Tests let a server die at each of them.
 */
export const lifecycleSteps = [
  'start:claimed', 'start:created', 'start:recorded', 'start:started', 'start:filled',
  'stop:claimed', 'stop:stopped', 'stop:removed',
  'delete:marked', 'delete:claimed', 'delete:container-removed', 'delete:volume-removed'
] as const
export type LifecycleStep = typeof lifecycleSteps[number]

export type OnStep = (step: LifecycleStep | VolumeStep, projectId: string) => void
