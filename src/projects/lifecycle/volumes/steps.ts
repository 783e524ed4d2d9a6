/**
 * The points between two effects of what is done to all files of a project, where a crash leaves something behind that
 * whoever comes next must mend. Tests let a server die at each of them.
 */
export type VolumeStep =
  | 'change:begun' | 'change:staged' | 'change:committed' | 'change:cleared' | 'change:placed' | 'change:settled'
  | 'snapshot:begun' | 'snapshot:stored' | 'snapshot:indexed' | 'snapshot:complete'

export type OnVolumeStep = (step: VolumeStep, projectId: string) => void
