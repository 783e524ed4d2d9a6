import { describe, expect, it } from 'vitest'
import { clientNetwork } from '../../../src/lib/client-network.ts'
import { parseLimit } from '../../../src/lib/limit.ts'

describe('a limit', () => {
  it.each<[string, ReturnType<typeof parseLimit>]>([
    ['20/5m', { max: 20, windowMs: 300_000 }],
    ['1/500ms', { max: 1, windowMs: 500 }],
    ['off', false],
    ['0/5m', undefined],
    ['-1/5m', undefined],
    ['20', undefined],
    ['20/', undefined],
    ['20/0s', undefined],
    ['20/5m/1', undefined],
    ['many/5m', undefined],
    ['', undefined]
  ])('%s', (text, limit) => {
    expect(parseLimit(text)).toEqual(limit)
  })
})

describe('a client', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fe80::1%eth0.100', 'fe80:0:0:0::/64']
  ])('%s counts as %s', (address, network) => {
    expect(clientNetwork(address)).toBe(network)
  })
})
