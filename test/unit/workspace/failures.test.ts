import { describe, expect, it } from 'vitest'
import { DockerError } from '../../../src/docker/index.ts'
import { errors } from '../../../src/errors.ts'
import { QueueFullError } from '../../../src/lib/fair-queue.ts'
import { describeFailure } from '../../../src/projects/workspace/failures.ts'
import { AgentLostError, AgentOperationError } from '../../../src/sandbox/agent-client/errors.ts'
import { AgentProtocolError, ErrorCode } from '../../../src/sandbox/agent-protocol.ts'
import { SandboxError } from '../../../src/sandbox/attached-sandbox.ts'

const agentError = (code: keyof typeof ErrorCode): Error => new AgentOperationError(ErrorCode[code], 'the guest says')
const dockerError = (operation: string): Error => new DockerError({ code: 'not_found', operation, message: 'No such thing' })

describe('a failure of the agent or of its place', () => {
  it.each<[Error, number, string]>([
    [agentError('BAD_PATH'), 400, 'BAD_PATH'],
    [agentError('NOT_FOUND'), 404, 'FILE_NOT_FOUND'],
    [agentError('EXISTS'), 409, 'FILE_EXISTS'],
    [agentError('NOT_EMPTY'), 409, 'DIRECTORY_NOT_EMPTY'],
    [agentError('PRECONDITION'), 412, 'PRECONDITION_FAILED'],
    [agentError('TOO_LARGE'), 413, 'PROJECT_FULL'],
    [agentError('SPECIAL'), 400, 'NOT_A_FILE'],
    [agentError('DENIED'), 403, 'FILE_DENIED'],
    [agentError('NO_SPACE'), 507, 'DISK_FULL'],
    [agentError('WATCH_LIMIT'), 503, 'WATCH_LIMIT'],
    [agentError('BUSY'), 503, 'FILES_BUSY'],
    [agentError('IO'), 500, 'FILES_FAILED'],
    [new AgentLostError('gone'), 503, 'FILES_INTERRUPTED'],
    [new AgentProtocolError('broken'), 500, 'FILES_FAILED'],
    [new QueueFullError(1), 503, 'FILES_BUSY'],
    [new SandboxError('would not harden'), 503, 'FILES_UNAVAILABLE'],
    [dockerError('containerCreate'), 503, 'FILES_UNAVAILABLE'],
    [dockerError('containerStart'), 503, 'FILES_INTERRUPTED']
  ])('%s is %d %s, with its cause and none of its words', (cause, statusCode, code) => {
    const described = describeFailure(cause, { path: 'a' }) as Error
    expect(described).toMatchObject({ statusCode, code, cause })
    expect(described.message).not.toContain(cause.message)
  })

  it('says that an image is missing only where one is', () => {
    const messageOf = (error: Error) => (describeFailure(error, { path: 'a' }) as Error).message
    expect(messageOf(dockerError('containerCreate'))).toMatch(/build what is missing/)
    expect(messageOf(new SandboxError('no runtime "runsc"'))).toMatch(/can be started, and the server's log has the reason$/)
  })

  it('names the path that it is about, without breaking out of its quotes', () => {
    const paths = { path: 'from "here"\n', to: 'there' }
    expect((describeFailure(agentError('NOT_FOUND'), paths) as Error).message).toContain('"from \\"here\\"\\n"')
    expect((describeFailure(agentError('EXISTS'), paths) as Error).message).toContain('"there"')
  })

  it('is left alone when it is somebody else\'s', () => {
    for (const error of [new errors.PROJECT_NOT_FOUND(), new Error('other'), new DockerError({ code: 'unavailable', operation: 'containerCreate', message: 'away' })]) {
      expect(describeFailure(error, { path: 'a' })).toBe(error)
    }
  })
})
