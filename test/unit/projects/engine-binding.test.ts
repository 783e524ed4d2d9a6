import { beforeEach, describe, expect, it } from 'vitest'
import type { DockerClient } from '../../../src/docker/index.ts'
import { createEngineBinding, type EngineBinding } from '../../../src/projects/lifecycle/binding/binding.ts'
import type { Binding } from '../../../src/projects/lifecycle/binding/judge.ts'
import type { BindingRepo } from '../../../src/projects/lifecycle/binding/repo.ts'
import { labels } from '../../../src/sandbox/labels.ts'

interface Marker { Name: string, Labels: Record<string, string> }

let engineId: string
let markers: Marker[]
let filled: number
let binding: EngineBinding

/** What a binding asks of an Engine, and no more. */
const docker = {
  system: { info: async () => ({ ID: engineId }) },
  containers: { list: async () => [] },
  volumes: {
    list: async ({ label }: { label: string[] }) => label.includes(`${labels.kind}=marker`) ? [...markers] : [],
    create: async (marker: Marker) => { markers.push(marker) },
    remove: async (name: string) => { markers = markers.filter(({ Name }) => Name !== name) }
  }
} as unknown as DockerClient

beforeEach(() => {
  engineId = 'first'
  markers = []
  filled = 0
  let known: Binding | undefined
  const repo: BindingRepo = {
    exclusively: async (work) => await work({ known, save: async (next) => { known = next } }),
    databaseId: async () => 'database',
    countFilled: async () => filled
  }
  binding = createEngineBinding({ docker, repo, instanceId: 'instance', adopt: undefined, log: { warn: () => undefined } })
})

describe('the marker of a database on its Engine', () => {
  it('goes with the last server when nothing is left that it protects', async () => {
    await binding.open()
    expect(markers.length).toBe(1)
    await binding.close()
    expect(markers).toEqual([])
  })

  it('goes also when the connection was lost just before', async () => {
    await binding.open()
    binding.doubt()
    await binding.close()
    expect(markers).toEqual([])
  })

  it('stays while there are projects with files', async () => {
    await binding.open()
    filled = 1
    await binding.close()
    expect(markers.length).toBe(1)
  })

  it('stays where another Engine answers by now', async () => {
    await binding.open()
    const before = [...markers]
    engineId = 'second'
    filled = 1
    binding.doubt()
    await expect(binding.close()).rejects.toMatchObject({ code: 'ENGINE_MISMATCH' })
    expect(markers).toEqual(before)
  })
})
