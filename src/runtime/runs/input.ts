import { errors } from '../../errors.ts'
import { encodeText } from '../../programs/text.ts'
import type { StartedProgram } from '../../sandbox/run-program.ts'

type InputTarget = Pick<StartedProgram, 'sendInput' | 'endInput'>

export interface ProgramInput {
  /** From now on there is a program to give it to. */
  readonly connect: (program: InputTarget) => void
  /** Throws INPUT_CLOSED or INPUT_OVERFLOW. */
  readonly send: (text: string) => void
  readonly end: () => void
}

// What the program does not read is kept here, by a client that may be as hostile as the program.
const MAX_UNREAD_BYTES = 1024 ** 2

/** What clients type for a program, kept until it has been started and as long as it does not read. */
export function createProgramInput (): ProgramInput {
  let early: Buffer[] = []
  let program: InputTarget | undefined
  let unreadBytes = 0
  let isEnded = false

  function pass (to: InputTarget, bytes: Buffer): void {
    to.sendInput(bytes, () => { unreadBytes -= bytes.length })
  }

  return {
    connect (started) {
      program = started
      for (const bytes of early) pass(started, bytes)
      early = []
      if (isEnded) started.endInput()
    },
    send (text) {
      if (isEnded) throw new errors.INPUT_CLOSED()
      const bytes = encodeText('the input', text)
      if (bytes.length === 0) return
      if (unreadBytes + bytes.length > MAX_UNREAD_BYTES) throw new errors.INPUT_OVERFLOW(unreadBytes)
      unreadBytes += bytes.length
      if (program === undefined) early.push(bytes)
      else pass(program, bytes)
    },
    end () {
      if (isEnded) return
      isEnded = true
      program?.endInput()
    }
  }
}
