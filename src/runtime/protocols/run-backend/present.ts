import type { SessionMessage } from '../../runs/messages.ts'
import type { Status } from '../../runs/execute-schemas.ts'

type BackendStatus = Exclude<Status, 'runtime_error' | 'compile_error' | 'internal_error'> | 'failed'

export type BackendMessage =
  | { readonly type: 'connected', readonly sessionId: string, readonly timestamp: string }
  | { readonly type: 'log', readonly message: string, readonly level: 'info' | 'error', readonly timestamp: string }
  | { readonly type: 'execution_complete', readonly status: BackendStatus, readonly timestamp: string }

// A line that does not end is told in pieces rather than kept.
const MAX_LINE_CHARACTERS = 64 * 1024

/** Turns a session's messages into one log for each line. What is left of a line that does not end comes with the end. */
export function createBackendPresenter (now: () => Date = () => new Date()): (message: SessionMessage) => BackendMessage[] {
  const rests = { stdout: '', stderr: '' }

  function log (stream: 'stdout' | 'stderr', line: string): BackendMessage {
    return { type: 'log', message: line, level: stream === 'stdout' ? 'info' : 'error', timestamp: now().toISOString() }
  }

  function addText (stream: 'stdout' | 'stderr', text: string): BackendMessage[] {
    const lines = (rests[stream] + text).split(/\r?\n/)
    rests[stream] = lines.pop() ?? ''
    if (rests[stream].length > MAX_LINE_CHARACTERS) lines.push(...endLine(stream))
    return lines.map((line) => log(stream, line))
  }

  function endLine (stream: 'stdout' | 'stderr'): string[] {
    const rest = rests[stream]
    rests[stream] = ''
    return rest === '' ? [] : [rest]
  }

  return (message) => {
    switch (message.type) {
      case 'output': return addText(message.stream, message.bytes.toString())
      case 'error': return [log('stderr', message.message)]
      case 'execution_complete': return [
        ...endLine('stdout').map((line) => log('stdout', line)),
        ...endLine('stderr').map((line) => log('stderr', line)),
        { type: 'execution_complete', status: backendStatus(message.result.status), timestamp: now().toISOString() }
      ]
      case 'stage':
      case 'stage_complete':
      case 'input_required': return []
    }
  }
}

function backendStatus (status: Status): BackendStatus {
  switch (status) {
    case 'runtime_error':
    case 'compile_error':
    case 'internal_error': return 'failed'
    case 'completed':
    case 'timeout':
    case 'memory_limit':
    case 'output_limit':
    case 'killed': return status
  }
}
