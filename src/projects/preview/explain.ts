import { errors } from '../../errors.ts'
import { describeError } from '../../http/describe-error.ts'
import type { ListeningPort } from '../../sandbox/agent-protocol.ts'
import type { Refusal } from './refusal.ts'
import type { PreviewedProject } from './repo.ts'
import type { UnreachableError } from './unreachable.ts'

/** Where a preview's own pages post to start the project. */
export const START_PATH = '/.berth/start'

export function explainError (error: unknown): Refusal {
  return describeError(error)
}

/**
 * A project that does not run is not started by a request as such: a forgotten tab that reloads itself would keep it alive
 * for ever. Whoever may start it gets a button, everybody else is told.
 */
export function explainAtRest ({ status, error }: PreviewedProject, mayStart: boolean): Refusal {
  const refusal = describeError(new errors.PREVIEW_NOT_RUNNING(status))
  if (status === 'starting') return { ...refusal, page: { title: 'Starting', text: 'The project is being started.', refreshSeconds: 1 } }
  const reason = status === 'error' && mayStart && error !== null ? `It could not be started: ${error}` : 'It was stopped, or nobody has used it for a while.'
  return {
    ...refusal,
    page: {
      title: 'This project is not running',
      text: mayStart ? reason : `${reason} Only those who work in it can start it.`,
      ...(mayStart ? { button: { label: 'Start it', url: START_PATH } } : {})
    }
  }
}

/** Names what listens, to whoever may know. */
export function explainUnreachable ({ reason, detail }: UnreachableError, port: number, listening: readonly ListeningPort[]): Refusal {
  if (reason === 'busy') return describeError(new errors.PREVIEW_BUSY())
  if (reason === 'silent') return describeError(new errors.PREVIEW_TIMEOUT(port))
  if (reason === 'stuck') return describeError(new errors.PREVIEW_STUCK())
  if (reason === 'invalid') {
    const text = `What listens on port ${port} of this project ${detail ?? 'answered with something that is not valid HTTP'}.`
    return { ...describeError(new errors.PREVIEW_UNREACHABLE(text)), page: { title: `No answer from port ${port} that can be shown` } }
  }
  const listener = listening.find((candidate) => candidate.port === port)
  const found = listening.length === 0
    ? 'Nothing else listens either.'
    : `What listens: ${listening.map(({ port, process }) => process === null ? String(port) : `${port} (${process})`).join(', ')}.`
  const text = reason === 'refused' || listener === undefined
    ? `Nothing listens on port ${port} of this project. Start your server there, or look at the port that it uses. ${found}`
    : `What listens on port ${port} of this project hung up without an answer. Its output in the terminal may say why.`
  return {
    ...describeError(new errors.PREVIEW_UNREACHABLE(text)),
    page: {
      title: listener === undefined ? `Nothing listens on port ${port}` : `No answer from port ${port}`,
      ...(listening.length === 0
        ? {}
        : { table: { head: ['Port', 'Program', 'Address'], rows: listening.map(({ port, process, loopbackOnly }) => [String(port), process ?? 'unknown', loopbackOnly ? 'loopback only' : 'any']) } }),
      refreshSeconds: 5
    }
  }
}
