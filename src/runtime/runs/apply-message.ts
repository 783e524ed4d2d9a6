import type { ClientMessage } from './session-schemas.ts'
import type { Session } from './session.ts'

/** Does what a client says. Throws INPUT_CLOSED, INPUT_OVERFLOW or NOT_RUNNING. */
export function applyMessage (session: Session, message: ClientMessage): void {
  switch (message.type) {
    case 'input': session.sendInput(message.data); break
    case 'eof': session.endInput(); break
    case 'signal': session.signal(message.signal); break
    case 'kill': session.kill('Killed by a client'); break
  }
}
