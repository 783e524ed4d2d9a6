import { expect, it } from 'vitest'
import { createDeferred } from '../../../../src/lib/deferred.ts'
import type { ImageSpec } from '../../../../src/sandbox/images/resolve.ts'
import { buildAll } from '../../../../src/sandbox/images/build-all.ts'

function specs (dependencies: Record<string, string[]>): Map<string, ImageSpec> {
  return new Map(Object.entries(dependencies).map(([name, needs]) => [name, {
    name,
    folder: name,
    reference: `berth/${name}:1`,
    hash: '1',
    context: [],
    dependencies: Object.fromEntries(needs.map((need) => [need.toUpperCase(), need]))
  }]))
}

const tree = specs({ base: [], python: ['base'], javascript: ['base'], bun: ['base', 'javascript'] })

it('builds what others are built from first', async () => {
  const order: string[] = []
  const failures = await buildAll(tree, { concurrency: 1, build: async ({ name }) => { order.push(name) } })
  expect(order).toEqual(['base', 'python', 'javascript', 'bun'])
  expect(failures).toEqual([])
})

it('builds as many at once as it may, and no more', async () => {
  const started: string[] = []
  const gates = new Map([...tree.keys()].map((name) => [name, createDeferred<void>()]))
  const done = buildAll(tree, {
    concurrency: 2,
    build: async ({ name }) => {
      started.push(name)
      await gates.get(name)?.promise
    }
  })
  const finish = async (name: string): Promise<void> => {
    gates.get(name)?.resolve()
    await new Promise(setImmediate)
  }
  expect(started).toEqual(['base'])
  await finish('base')
  expect(started).toEqual(['base', 'python', 'javascript'])
  await finish('javascript')
  expect(started).toEqual(['base', 'python', 'javascript', 'bun'])
  await finish('python')
  await finish('bun')
  expect(await done).toEqual([])
})

it('goes on after a failure, except for what is built from it, and returns all failures', async () => {
  const tried: string[] = []
  const failures = await buildAll(tree, {
    concurrency: 2,
    build: async ({ name }) => {
      tried.push(name)
      if (name === 'python' || name === 'javascript') throw new Error(`${name} is broken`)
    }
  })
  expect(tried).toEqual(['base', 'python', 'javascript'])
  expect(failures.map(({ image, error }) => [image, error.message])).toEqual([
    ['python', 'python is broken'],
    ['javascript', 'javascript is broken'],
    ['bun', 'sandbox-images/bun: not tried, because it is built from javascript']
  ])
})
