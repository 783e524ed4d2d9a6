import { describe, expect, it } from 'vitest'
import { DockerError, type ContainerInspect } from '../../../src/docker/index.ts'
import { createInRunning } from '../../../src/projects/core/running.ts'
import { NotRunningError } from '../../../src/sandbox/project-agent.ts'

const containerOf = (id: string): ContainerInspect => ({ Id: id, Config: { Env: ['A=b'] } }) as unknown as ContainerInspect

function createScene (inspect: (id: string) => Promise<ContainerInspect> = async (id) => containerOf(id)) {
  const calls: string[] = []
  const inRunning = createInRunning({
    docker: {
      containers: {
        async inspect (id: string) {
          calls.push(`inspect ${id}`)
          return await inspect(id)
        }
      } as Parameters<typeof createInRunning>[0]['docker']['containers']
    },
    async start (projectId) {
      calls.push(`start ${projectId}`)
      return containerOf('new')
    }
  })
  const at = (containerId: string | undefined) => ({ id: 'p', location: { containerId } })
  return { calls, inRunning, at }
}

describe('work in a project\'s container', () => {
  it('goes into the one that the row names, of which the Engine is asked once', async () => {
    const { calls, inRunning, at } = createScene()
    for (let i = 0; i < 3; i++) expect(await inRunning(at('known'), async (container) => container)).toMatchObject({ id: 'known', env: { A: 'b' } })
    expect(calls).toEqual(['inspect known'])
  })

  it('has it started where the row names none, and needs not ask of it again', async () => {
    const { calls, inRunning, at } = createScene()
    expect(await inRunning(at(undefined), async ({ id }) => id)).toBe('new')
    expect(await inRunning(at('new'), async ({ id }) => id)).toBe('new')
    expect(calls).toEqual(['start p'])
  })

  it('has it started where the one that the row names does not run any more', async () => {
    const { calls, inRunning, at } = createScene()
    const work = async ({ id }: { id: string }): Promise<string> => {
      if (id === 'ended') throw new NotRunningError('it has ended')
      return id
    }
    expect(await inRunning(at('ended'), work)).toBe('new')
    expect(calls).toEqual(['inspect ended', 'start p'])
  })

  it('has it started where the one that the row names is gone', async () => {
    const { calls, inRunning, at } = createScene(async () => { throw new DockerError({ code: 'not_found', operation: 'inspect', message: 'no such container' }) })
    expect(await inRunning(at('gone'), async ({ id }) => id)).toBe('new')
    expect(calls).toEqual(['inspect gone', 'start p'])
  })

  it('fails as it fails, and is not done again', async () => {
    const { calls, inRunning, at } = createScene()
    await expect(inRunning(at('known'), async () => { throw new Error('broken') })).rejects.toThrow('broken')
    await expect(inRunning(at(undefined), async () => { throw new NotRunningError('ended at once') })).rejects.toThrow(NotRunningError)
    expect(calls).toEqual(['inspect known', 'start p'])
  })

  it('is told when the Engine cannot be asked', async () => {
    const { calls, inRunning, at } = createScene(async () => { throw new Error('no Engine') })
    await expect(inRunning(at('known'), async () => 'done')).rejects.toThrow('no Engine')
    expect(calls).toEqual(['inspect known'])
  })
})
