import type { FindAudience } from './audience.ts'
import type { PublishedEvent } from './event.ts'
import type { EventRing } from './ring.ts'

/** Keeps what the servers publish, in the order in which it was published, with who may see it. */
export function createReceiver ({ ring, findAudience, onError }: {
  ring: Pick<EventRing, 'add' | 'interrupt'>
  findAudience: FindAudience
  onError: (error: unknown) => void
}) {
  let last = Promise.resolve()

  async function keep (payload: string): Promise<void> {
    try {
      const event = JSON.parse(payload) as PublishedEvent
      ring.add({ type: event.type, data: event.data, isOfProject: event.project !== undefined, audience: await findAudience(event) })
    } catch (error) {
      onError(error)
      ring.interrupt()
    }
  }

  return {
    receive (payload: string): void {
      last = last.then(async () => await keep(payload))
    }
  }
}
