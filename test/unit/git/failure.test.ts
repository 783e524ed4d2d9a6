import { describe, expect, it } from 'vitest'
import { DockerError } from '../../../src/docker/index.ts'
import { errors } from '../../../src/errors.ts'
import { CloneFailedError, describeFailure } from '../../../src/projects/git/clone/failure.ts'
import { AgentLostError, AgentOperationError } from '../../../src/sandbox/agent-client/errors.ts'
import { AgentProtocolError, ErrorCode } from '../../../src/sandbox/agent-protocol.ts'
import { NotRunningError } from '../../../src/sandbox/project-agent.ts'

describe('a clone that was interrupted', () => {
  it.each([
    [new CloneFailedError('no such branch'), 'no such branch'],
    [new errors.PROJECT_START_FAILED('no space'), 'no space'],
    [new AgentLostError('gone'), /container ended/],
    [new NotRunningError('not running'), /container ended/],
    [new AgentOperationError(ErrorCode.NO_SPACE, 'x'), /no space left/],
    [new AgentOperationError(ErrorCode.IO, '/etc/secret'), /^The sandbox failed/],
    [new AgentProtocolError('x'), /^The sandbox failed/]
  ])('has failed for good by %s', (error, said) => {
    expect(describeFailure(error)).toMatch(said)
  })

  it.each([
    new errors.ENGINE_UNAVAILABLE(),
    new errors.LANGUAGE_NOT_READY('python', ''),
    new errors.PROJECT_BUSY(),
    new errors.PROJECT_NOT_FOUND(),
    new DockerError({ code: 'unavailable', operation: 'execCreate', message: 'x' })
  ])('is begun anew after %s', (error) => {
    expect(describeFailure(error)).toBeUndefined()
  })
})
