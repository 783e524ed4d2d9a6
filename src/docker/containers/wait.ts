import { DockerError } from '../errors.ts'
import { readJsonLines } from '../json-lines.ts'
import type { CallOptions } from '../options.ts'
import type { Transport } from '../transport.ts'

export type WaitCondition = 'not-running' | 'next-exit' | 'removed'

export interface ContainerExit {
  statusCode: number
  /** Set when the Engine could not wait properly: the status code then proves nothing. */
  error?: string
}

export interface ContainerWait {
  exit: Promise<ContainerExit>
  /** Gives up waiting. A failed start leaves a `next-exit` wait hanging for good. */
  cancel: () => void
}

interface WaitResponse {
  StatusCode: number
  Error?: { Message: string } | null
}

export function createWait (transport: Transport) {
  /**
   * Resolves when the Engine has *begun* to wait, so that what happens from then on is seen: wait for this, then start.
   * `exit` resolves when the condition comes true, however long that takes.
   */
  async function wait (id: string, condition: WaitCondition = 'not-running', options?: CallOptions): Promise<ContainerWait> {
    const { body } = await transport.stream('containerWait', { params: { id }, query: { condition } }, options)
    const exit = readExit(body)
    // Whoever cancels or loses interest does not look at it any more.
    exit.catch(() => {})
    const cancel = () => {
      body.destroy(new DockerError({ code: 'aborted', operation: 'containerWait', message: 'the wait was cancelled' }))
    }
    return { exit, cancel }
  }

  return wait
}

async function readExit (body: AsyncIterable<Uint8Array>): Promise<ContainerExit> {
  let exit: ContainerExit | undefined
  for await (const { StatusCode, Error: error } of readJsonLines<WaitResponse>(body, 'containerWait')) {
    exit = { statusCode: StatusCode, ...(error?.Message ? { error: error.Message } : {}) }
  }
  if (exit !== undefined) return exit
  throw new DockerError({ code: 'unavailable', operation: 'containerWait', message: 'the Engine stopped waiting without an answer' })
}
