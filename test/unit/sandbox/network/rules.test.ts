import { describe, expect, it } from 'vitest'
import { parseEgress } from '../../../../src/lib/egress.ts'
import { isSystemdStub, readNameservers } from '../../../../src/sandbox/network/nameservers.ts'
import { renderRules } from '../../../../src/sandbox/network/rules.ts'

const rules = (egress: string, nameservers: string[] = []): string[] =>
  renderRules({ table: 'berth_a_b', bridge: 'berthb', egress: parseEgress(egress), nameservers }).split('\n').map((line) => line.trim())

describe('the rules of projects\' network', () => {
  it('refuse the host, whatever follows, but for answers', () => {
    const all = rules('internet')
    const input = all.slice(all.indexOf('chain input {') + 2, all.indexOf('chain forward {') - 1)
    expect(input).toEqual(['iifname "berthb" ct state established,related accept', 'iifname "berthb" reject with icmpx type admin-prohibited'])
  })

  it('come before the Engine\'s and replace their predecessors in one go', () => {
    const all = rules('internet')
    expect(all.slice(0, 3)).toEqual(['table inet berth_a_b', 'delete table inet berth_a_b', 'table inet berth_a_b {'])
    expect(all.filter((line) => line.startsWith('type filter'))).toEqual(['type filter hook input priority -10; policy accept;', 'type filter hook forward priority -10; policy accept;'])
  })

  it('let nobody begin to talk to a container from elsewhere, whatever projects may reach', () => {
    for (const egress of ['internet', 'none', 'unfiltered', '10.0.0.0/8']) {
      const all = rules(egress)
      expect(all.indexOf('oifname "berthb" drop')).toBe(all.indexOf('oifname "berthb" ct state established,related accept') + 1)
    }
  })

  it('refuse private ranges before they accept the internet, and what is named before that', () => {
    const all = rules('internet,10.1.0.0/16', ['10.9.9.9'])
    const at = (text: string): number => all.findIndex((line) => line.includes(text))
    expect(at('ip daddr 10.1.0.0/16 accept')).toBeLessThan(at('169.254.0.0/16'))
    expect(all.filter((line) => line.includes('10.9.9.9')).every((line) => line.includes('dport 53 accept'))).toBe(true)
    expect(all.indexOf('iifname "berthb" accept')).toBe(at('169.254.0.0/16') + 1)
  })

  it('open the host on the ports that are named only', () => {
    const all = rules('10.1.0.0/16,10.2.0.1:3128')
    const input = all.slice(0, all.indexOf('chain forward {')).join('\n')
    expect(input).toContain('ip daddr 10.2.0.1/32 tcp dport 3128 accept')
    expect(input).not.toContain('10.1.0.0')
    expect(all.at(-4)).toBe('iifname "berthb" reject with icmpx type admin-prohibited')
  })
})

describe('SANDBOX_EGRESS', () => {
  it.each([
    ['internet', { kind: 'filtered', internet: true, destinations: [] }],
    ['none', { kind: 'none' }],
    ['unfiltered', { kind: 'unfiltered' }],
    [' 10.0.0.0/8 , 1.2.3.4:443', { kind: 'filtered', internet: false, destinations: [{ cidr: '10.0.0.0/8', port: undefined }, { cidr: '1.2.3.4/32', port: 443 }] }]
  ])('%s is read', (text, egress) => {
    expect(parseEgress(text)).toEqual(egress)
  })

  it.each([
    ['fd00::/8', /IPv6/], ['10.0.0.0/33', /none of internet/], ['10.0.0.256', /none of internet/], ['1.2.3.4:0', /none of internet/], ['1.2.3.4:65536', /none of internet/],
    ['proxy.example:3128', /none of internet/], ['internet,unfiltered', /stand alone/], ['none,1.2.3.4', /stand alone/], ['internet,', /none of internet/], ['1.2.3.4" accept', /none of internet/]
  ])('%s is refused', (text, message) => {
    expect(() => parseEgress(text)).toThrow(message)
  })
})

describe('the nameservers of the host', () => {
  it('are those that the Engine asks in a container\'s name', () => {
    expect(readNameservers('# nameserver 1.1.1.1\nnameserver 10.0.0.2\nnameserver 10.0.0.2\n nameserver\t9.9.9.9 \nnameserver 127.0.0.1\nnameserver ::1\nsearch example\n')).toEqual(['10.0.0.2', '9.9.9.9'])
  })

  it.each([['nameserver 127.0.0.53\noptions edns0\n', true], ['nameserver 127.0.0.53\nnameserver 10.0.0.2\n', false], ['nameserver 127.0.0.1\n', false]])('%j is systemd\'s stub: %s', (text, is) => {
    expect(isSystemdStub(text)).toBe(is)
  })
})
