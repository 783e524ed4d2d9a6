import type { Transport } from '../transport.ts'
import { createArchive } from './archive.ts'
import { createInspection } from './inspection.ts'
import { createLifecycle } from './lifecycle.ts'
import { createStdio } from './stdio.ts'
import { createWait } from './wait.ts'

export function createContainers (transport: Transport) {
  return {
    ...createLifecycle(transport),
    ...createInspection(transport),
    ...createStdio(transport),
    ...createArchive(transport),
    wait: createWait(transport)
  }
}
