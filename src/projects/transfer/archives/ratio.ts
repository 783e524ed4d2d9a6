import { errors } from '../../../errors.ts'

/** gzip reaches 1:1030, programs and texts about 1:10. The first bytes are free, since short runs of zeros are common. */
const HIGHEST_RATIO = 200
const FREE_BYTES = 16 * 1024 * 1024

/** Throws ARCHIVE_TOO_LARGE for a bomb. */
export function checkRatio ({ compressed, expanded }: { compressed: number, expanded: number }): void {
  if (expanded > FREE_BYTES + HIGHEST_RATIO * compressed) throw new errors.ARCHIVE_TOO_LARGE('it expands to far more than it is')
}
