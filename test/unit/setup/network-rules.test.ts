import { expect, it } from 'vitest'
import { ensureNetworkRules } from '../../../src/setup/network-rules.ts'
import { SetupError } from '../../../src/setup/packages.ts'

const root = { isRoot: true, isDebian: true, hasSystemd: false }

async function ensure (more: Partial<Parameters<typeof ensureNetworkRules>[0]> = {}): Promise<{ installed: string[], lines: string[] }> {
  const installed: string[] = []
  const lines: string[] = []
  await ensureNetworkRules({
    host: root,
    isEngineElsewhere: false,
    hasNft: false,
    packages: { install: async (names) => { installed.push(...names) } },
    report: (line) => { lines.push(line) },
    ...more
  })
  return { installed, lines }
}

it('nft is installed where it is missing', async () => {
  expect((await ensure()).installed).toEqual(['nftables'])
})

it.each([
  ['nft is there', { hasNft: true }], ['the Engine is elsewhere', { isEngineElsewhere: true }],
  ['we are not root', { host: { ...root, isRoot: false } }], ['there is no apt', { host: { ...root, isDebian: false } }]
])('nothing is installed where %s', async (_what, more) => {
  expect(await ensure(more)).toEqual({ installed: [], lines: [] })
})

it('a failure is told and stops nothing', async () => {
  const { lines } = await ensure({ packages: { install: async () => { throw new SetupError('no such mirror') } } })
  expect(lines.at(-1)).toMatch(/no such mirror/)
})
