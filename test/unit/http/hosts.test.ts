import { describe, expect, it } from 'vitest'
import { createHostJudge, isLoopbackName, parseHost, type HostRules } from '../../../src/http/hosts.ts'

const rules: HostRules = { listening: '127.0.0.1', publicUrl: undefined, previewDomain: 'localhost', allowed: [], isBehindProxy: false }
const judge = (headers: readonly string[], given: Partial<HostRules> = {}, request: { url?: string, localAddress?: string } = {}) =>
  createHostJudge({ ...rules, ...given })({ url: request.url ?? '/', rawHeaders: headers, socket: { localAddress: request.localAddress ?? '127.0.0.1' } })
const judgeHost = (host: string, given: Partial<HostRules> = {}, localAddress?: string) => judge(['Host', host], given, localAddress === undefined ? {} : { localAddress })

describe('the host of a request', () => {
  it.each(['localhost', 'localhost:3000', 'LocalHost:80', 'localhost.', '127.0.0.1', '127.0.0.1:3000', '127.1.2.3', '[::1]', '[::1]:3000', '[0:0:0:0:0:0:0:1]', 'a.localhost', '3000--x.localhost:1'])('%s is ours on loopback', (host) => {
    expect(judgeHost(host)).toBe(true)
  })

  it.each([
    'rebind.example', 'rebind.example:3000', 'localhost.example', 'localhost.rebind.example', 'notlocalhost.example', '127.0.0.1.nip.io', '127.0.0.1.example:3000',
    '192.0.2.1', '10.0.0.1:3000', '0x7f.0.0.1', '127.1.1', '[2001:db8::1]', '[fe80::1%25eth0]', '', ':3000', 'a b', 'localhost:port', 'localhost:123456', 'user@localhost', 'localhost/', 'x', 'berth:3000', 'localhost2', 'localhost#.example', 'localhost,rebind.example', '[::1', '::1', 'a..localhost', '.localhost', 'é.localhost'
  ])('%s is foreign on loopback', (host) => {
    expect(judgeHost(host)).toBe(false)
  })

  it('is an address only where the connection came to it', () => {
    const open = { listening: '0.0.0.0' }
    expect(judgeHost('192.0.2.7:3000', open, '192.0.2.7')).toBe(true)
    expect(judgeHost('192.0.2.7:3000', open, '::ffff:192.0.2.7')).toBe(true)
    expect(judgeHost('192.0.2.8:3000', open, '192.0.2.7')).toBe(false)
    expect(judgeHost('[2001:DB8:0::7]:3000', { listening: '::' }, '2001:db8::7')).toBe(true)
    expect(judgeHost('[fe80::7]', { listening: '::' }, 'fe80::7%eth0')).toBe(true)
    expect(judgeHost('0.0.0.0:3000', open, '127.0.0.1')).toBe(true)
    expect(judgeHost('0.0.0.0:3000')).toBe(false)
  })

  it('is one of the names that the configuration has', () => {
    const named = { publicUrl: 'https://Berth.example.org:8443', previewDomain: 'preview.example.net', allowed: ['lan.example', 'compose-service', '*.team.example'] }
    for (const host of ['berth.example.org', 'berth.example.org:8443', 'BERTH.example.org.', 'preview.example.net', '3000--x.preview.example.net', 'lan.example', 'compose-service:3000', 'a.team.example', 'localhost']) expect(judgeHost(host, named)).toBe(true)
    for (const host of ['example.org', 'x.berth.example.org', 'xpreview.example.net', 'a.lan.example', 'team.example', 'xteam.example', 'a.localhost']) expect(judgeHost(host, named)).toBe(false)
    expect(judgeHost('whatever.example', { allowed: ['*'] })).toBe(true)
    expect(judgeHost('not a name', { allowed: ['*'] })).toBe(false)
  })

  it('must be one that is given, and each that is given', () => {
    expect(judge([])).toBe(false)
    expect(judge(['Host', 'localhost', 'host', 'rebind.example'])).toBe(false)
    expect(judge(['Host', 'rebind.example', 'Host', 'localhost'])).toBe(false)
    expect(judge(['Host', 'localhost', 'Host', 'x'])).toBe(false)
    expect(judge(['Host', 'localhost'], {}, { url: 'http://rebind.example/health' })).toBe(false)
    expect(judge(['Host', 'rebind.example'], {}, { url: 'http://localhost/health' })).toBe(false)
    expect(judge(['Host', 'localhost'], {}, { url: 'http://user@localhost/' })).toBe(false)
    expect(judge(['Host', 'localhost'], {}, { url: 'http://localhost:3000/health' })).toBe(true)
  })

  it('is what the nearest proxy says, where there is one', () => {
    const headers = ['Host', 'localhost', 'X-Forwarded-Host', 'localhost, rebind.example']
    expect(judge(headers)).toBe(true)
    expect(judge(headers, { isBehindProxy: true })).toBe(false)
    expect(judge(['Host', 'localhost', 'X-Forwarded-Host', 'rebind.example, localhost'], { isBehindProxy: true })).toBe(true)
    expect(judge(['Host', 'rebind.example', 'X-Forwarded-Host', 'localhost'], { isBehindProxy: true })).toBe(false)
  })

  it('is read in time, however long it is', () => {
    expect(parseHost(`${'a.'.repeat(5_000)}!`)).toBeUndefined()
    expect(parseHost(`${'9'.repeat(400)}--x.localhost`)).toBeDefined()
  })
})

it.each([['127.0.0.1', true], ['127.9.9.9', true], ['::1', true], ['[::1]', true], ['LOCALHOST', true], ['0.0.0.0', false], ['::', false], ['192.0.2.1', false], ['127.example.org', false]])('%s is loopback: %s', (host, isLoopback) => {
  expect(isLoopbackName(host)).toBe(isLoopback)
})
