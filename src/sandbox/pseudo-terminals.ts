import type { Mount } from '../docker/index.ts'

const DIRECTORY = '/dev/pts'

/** The kernel counts pseudo-terminals for the whole machine: whoever needs none has an empty directory that nothing can be put into. */
export const NO_TERMINALS = { [DIRECTORY]: 'ro,noexec,nosuid,nodev,size=4096,nr_inodes=1' } as const

/**
 * A file system of terminals with a bound of its own, in place of the Engine's without one. It can be had as a volume only;
 * that one has no name and goes with its container.
 */
export function boundedTerminals ({ terminals, hasOwnKernel }: { readonly terminals: number, readonly hasOwnKernel?: boolean }): Mount[] {
  // Under gVisor they are not the host's.
  if (hasOwnKernel === true) return []
  return [{
    Type: 'volume',
    Target: DIRECTORY,
    VolumeOptions: {
      NoCopy: true,
      DriverConfig: {
        Name: 'local',
        // 5 is the group tty of the Engine's own.
        Options: { type: 'devpts', device: 'devpts', o: `newinstance,nosuid,noexec,ptmxmode=0666,mode=0620,gid=5,max=${terminals}` }
      }
    }
  }]
}
