import { expect, it } from 'vitest'
import { createPlaces } from '../../../src/projects/ssh/places.ts'
import { isOwnHost } from '../../../src/projects/ssh/forwarding.ts'

it('places are few for each and for all, and free again once', () => {
  const { take } = createPlaces({ most: 3, perOwner: 2 })
  const leave = take('a')
  expect([take('a') === undefined, take('a'), take('b') === undefined, take('c')]).toEqual([false, undefined, false, undefined])
  leave?.()
  leave?.()
  expect([take('a') === undefined, take('c')]).toEqual([false, undefined])
})

it.each([['localhost', true], ['LOCALHOST', true], ['127.0.0.1', true], ['127.9.8.7', true], ['::1', true], ['0.0.0.0', false], ['127.0.0.1.example.org', false], ['10.0.0.1', false], ['example.org', false], ['', false]])('a project calls itself %j: %s', (host, isOwn) => {
  expect(isOwnHost(host)).toBe(isOwn)
})
