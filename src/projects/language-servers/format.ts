import { posix } from 'node:path'
import type { FastifyReply } from 'fastify'
import Type, { type Static } from 'typebox'
import { errors } from '../../errors.ts'
import { abortOnDisconnect } from '../../http/disconnect.ts'
import { closed } from '../../lib/schemas.ts'
import { AgentOperationError } from '../../sandbox/agent-client/errors.ts'
import { readFile } from '../../sandbox/agent-client/read-file.ts'
import { ErrorCode } from '../../sandbox/agent-protocol.ts'
import type { Catalogue } from '../../sandbox/images/catalogue.ts'
import { pathProblem } from '../../sandbox/paths.ts'
import type { FoundProject } from '../core/repo.ts'
import type { ExecService } from '../exec/service.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** Longer than any source is that somebody wants to read. */
const TEXT_BYTES = 512 * 1024
const TIMEOUT_MS = 20_000
const NOT_FOUND_EXIT_CODE = 127

export const FormatBodySchema = Type.Object({
  path: Type.String({ minLength: 1, maxLength: 4096, description: 'whose extension says which formatter' }),
  content: Type.Optional(Type.String({ description: 'what to format; default what the file has' }))
}, closed)
export type FormatBody = Static<typeof FormatBodySchema>

export const FormatResultSchema = Type.Object({ content: Type.String() }, closed)

/** Formats with what the project's image has, in its sandbox. */
export function createFormatter ({ catalogue, workspace, exec }: {
  catalogue: Catalogue
  workspace: Pick<Workspace, 'withAgent'>
  exec: ExecService
}) {
  function commandFor (runtime: string, path: string): string[] {
    const extension = posix.extname(path).slice(1)
    const formatter = (catalogue.find(runtime)?.formatters ?? []).find(({ extensions }) => extensions.includes(extension))
    if (formatter === undefined) throw new errors.NO_FORMATTER(JSON.stringify(path))
    return formatter.command.map((word) => word.replaceAll('{path}', () => path))
  }

  async function contentOf (project: FoundProject, path: string): Promise<string> {
    try {
      return await workspace.withAgent(project, async (agent) => {
        const { entry, bytes } = await readFile(agent, path, { length: TEXT_BYTES })
        if (entry.size > TEXT_BYTES) {
          bytes.destroy()
          throw tooLarge(entry.size)
        }
        return Buffer.concat(await bytes.toArray() as Buffer[]).toString()
      })
    } catch (error) {
      if (error instanceof AgentOperationError && error.code === ErrorCode.NOT_FOUND) throw new errors.FILE_NOT_FOUND(JSON.stringify(path))
      throw error
    }
  }

  return async (project: FoundProject, { path, content }: FormatBody, reply: FastifyReply): Promise<{ content: string }> => {
    const problem = pathProblem(path)
    if (problem !== undefined) throw new errors.BAD_PATH(JSON.stringify(path), problem)
    const cmd = commandFor(project.runtime, path)
    const input = content ?? await contentOf(project, path)
    const bytes = Buffer.byteLength(input)
    if (bytes > TEXT_BYTES) throw tooLarge(bytes)
    const { exitCode, output, error, truncated } = await exec.exec(project, { cmd, input, timeout: TIMEOUT_MS }, abortOnDisconnect(reply))
    if (truncated.output) throw tooLarge(bytes)
    if (exitCode === NOT_FOUND_EXIT_CODE) throw new errors.FORMAT_FAILED(`${cmd[0] ?? ''} is not in the project's image`)
    if (exitCode !== 0) throw new errors.FORMAT_FAILED(error.trim() === '' ? 'the formatter did not end in order' : error.trim())
    return { content: output }
  }
}

function tooLarge (bytes: number): Error {
  return new errors.TOO_LARGE(`The text is ${bytes} bytes, at most ${TEXT_BYTES} are formatted, and no more than a command may print`)
}
