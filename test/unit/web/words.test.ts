import { describe, expect, it } from 'vitest'
import type { ProjectDetails } from '../../../src/web/api/types.ts'
import { minutesLeft } from '../../../src/web/ago.ts'
import { otherPorts } from '../../../src/web/port-links.ts'
import { describeState, type TerminalState } from '../../../src/client/terminal/state.ts'

const now = new Date('2026-01-01T12:00:00Z')
const details: ProjectDetails = { status: 'running', stopsAt: '2026-01-01T12:09:10Z', preview: { port: 3000, url: null }, ports: [] }

describe('when a project stops', () => {
  it.each<[number | undefined, ProjectDetails]>([
    [undefined, { ...details, status: 'stopped' }],
    [10, details],
    [1, { ...details, stopsAt: '2026-01-01T11:59:59Z' }],
    [undefined, { ...details, stopsAt: null }]
  ])('is in %s minutes', (minutes, status) => expect(minutesLeft(status, now)).toBe(minutes))
})

describe('the ports of a project', () => {
  const url = 'http://3000--11111111-1111-4111-8111-111111111111.localhost:3080/'
  const ports = [{ port: 3000 }, { port: 5173 }]

  it('are linked under names of their own, besides the one that the preview is of', () => {
    expect(otherPorts({ ...details, preview: { port: 3000, url }, ports })).toEqual([
      { port: 5173, url: 'http://5173--11111111-1111-4111-8111-111111111111.localhost:3080/' }
    ])
  })

  it('are not linked where there are no previews', () => expect(otherPorts({ ...details, ports })).toEqual([]))
})

describe('the state of a terminal', () => {
  it.each<[string, TerminalState]>([
    ['Connecting…', { name: 'connecting' }],
    ['Connected', { name: 'connected' }],
    ['Reconnecting…', { name: 'reconnecting', delayMs: 0 }],
    ['Connection lost. Next attempt in 8 s', { name: 'reconnecting', delayMs: 7500 }],
    ['Too many terminals. Next attempt in 2 s', { name: 'reconnecting', delayMs: 2000, reason: 'Too many terminals' }],
    ['The shell ended with code 0', { name: 'ended', exitCode: 0 }],
    ['The shell was ended', { name: 'ended', exitCode: null }],
    ['You are not signed in.', { name: 'refused', closeCode: 4401, message: 'You are not signed in.' }]
  ])('is "%s"', (words, state) => expect(describeState(state)).toBe(words))
})
