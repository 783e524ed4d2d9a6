import { signalNames, type SignalName } from '../../../lib/signals.ts'
import type { SessionMessage } from '../../runs/messages.ts'
import { presentEnd } from './result.ts'

/** Close codes and reasons of Piston's socket. */
export const closings = {
  alreadyInitialized: { code: 4000, reason: 'Already Initialized' },
  initializationTimeout: { code: 4001, reason: 'Initialization Timeout' },
  notifiedError: { code: 4002, reason: 'Notified Error' },
  notInitialized: { code: 4003, reason: 'Not yet initialized' },
  notStdin: { code: 4004, reason: 'Can only write to stdin' },
  invalidSignal: { code: 4005, reason: 'Invalid signal' },
  completed: { code: 4999, reason: 'Job Completed' }
} as const
export type Closing = typeof closings[keyof typeof closings]

export type JobMessage =
  | { readonly type: 'runtime', readonly language: string, readonly version: string }
  | { readonly type: 'stage', readonly stage: 'compile' | 'run' }
  | { readonly type: 'data', readonly stream: 'stdout' | 'stderr', readonly data: string }
  | { readonly type: 'exit', readonly stage: 'compile' | 'run', readonly code: number | null, readonly signal: string | null }
  | { readonly type: 'error', readonly message: string }

/** What a Piston client is told of a session's message; undefined for what it does not know. */
export function presentMessage (message: SessionMessage): JobMessage | undefined {
  switch (message.type) {
    case 'stage':
      return { type: 'stage', stage: message.stage }
    case 'output':
      return { type: 'data', stream: message.stream, data: message.bytes.toString() }
    case 'stage_complete':
      return { type: 'exit', stage: message.stage, ...presentEnd(message.summary) }
    case 'error':
      return { type: 'error', message: message.message }
    case 'input_required':
    case 'execution_complete':
      return undefined
  }
}

export function isSignalName (name: unknown): name is SignalName {
  return signalNames.some((known) => known === name)
}
