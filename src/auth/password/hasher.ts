import { hash, verify } from '@node-rs/argon2'
import { createFairQueue } from '../../lib/fair-queue.ts'

export interface PasswordHasher {
  readonly hash: (client: string, password: string) => Promise<string>
  /** Without a hash it takes as long and is false. `admit` is called when it is its turn, and may throw. */
  readonly verify: (client: string, hash: string | undefined, password: string, admit?: () => void) => Promise<boolean>
}

// OWASP's first choice for argon2id, 19 MiB and 2 passes. 2 is argon2id: the package's own enum is a const one, which
// a compiler that looks at one file at a time cannot read.
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
const WAITING = 200

/**
 * argon2id on libuv's threads, few at a time: each takes 19 MiB and a whole core, and the file system waits for the same
 * threads. Clients take turns; throws QueueFullError when too many wait.
 */
export async function createPasswordHasher ({ concurrency }: { concurrency: number }): Promise<PasswordHasher> {
  const queue = createFairQueue({ concurrency, perOwner: concurrency, capacity: WAITING })
  const nobodys = await hash('', PARAMETERS)
  return {
    hash: async (client, password) => await queue.run(client, async () => await hash(normalize(password), PARAMETERS)),
    verify: async (client, stored, password, admit) => {
      const isRight = await queue.run(client, async () => {
        admit?.()
        return await verify(stored ?? nobodys, normalize(password))
      })
      return isRight && stored !== undefined
    }
  }
}

/** The same letters typed on another keyboard may be other code points. */
function normalize (password: string): string {
  return password.normalize('NFKC')
}
