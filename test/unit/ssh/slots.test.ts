import { expect, it } from 'vitest'
import { createSlots } from '../../../src/projects/ssh/slots.ts'
import { isOwnHost } from '../../../src/projects/ssh/forwarding.ts'

it('slots are few for each and for all, and free again once', () => {
  const { acquire } = createSlots({ most: 3, perOwner: 2 })
  const release = acquire('a')
  expect([acquire('a') === undefined, acquire('a'), acquire('b') === undefined, acquire('c')]).toEqual([false, undefined, false, undefined])
  release?.()
  release?.()
  expect([acquire('a') === undefined, acquire('c')]).toEqual([false, undefined])
})

it.each([['localhost', true], ['LOCALHOST', true], ['127.0.0.1', true], ['127.9.8.7', true], ['::1', true], ['0.0.0.0', false], ['127.0.0.1.example.org', false], ['10.0.0.1', false], ['example.org', false], ['', false]])('a project calls itself %j: %s', (host, isOwn) => {
  expect(isOwnHost(host)).toBe(isOwn)
})
