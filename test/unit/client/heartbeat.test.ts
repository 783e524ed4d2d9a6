import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createHeartbeat } from '../../../src/client/connection/heartbeat.ts'
import { onWake } from '../../../src/client/connection/wake.ts'
import { createScriptedSocket } from './scripted-socket.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

function watch () {
  const server = createScriptedSocket()
  let deaths = 0
  const heartbeat = createHeartbeat(server.socket, 4_000, () => deaths++)
  return { server, heartbeat, get deaths () { return deaths } }
}

describe('the heartbeat of a connection', () => {
  it('gives up a socket that does not open', () => {
    const test = watch()
    vi.advanceTimersByTime(3_999)
    expect(test.deaths).toBe(0)
    vi.advanceTimersByTime(1)
    expect(test.deaths).toBe(1)
  })

  it('asks after twenty seconds without a sound, and takes anything for an answer', () => {
    const test = watch()
    test.server.open()
    for (let minute = 0; minute < 3; minute++) {
      vi.advanceTimersByTime(20_000)
      test.server.say(minute === 0 ? { type: 'pong' } : 'output')
    }
    expect(test.server.messages).toEqual([{ type: 'ping' }, { type: 'ping' }, { type: 'ping' }])
    expect(test.deaths).toBe(0)
  })

  it('calls a connection dead that does not answer within five seconds, once', () => {
    const test = watch()
    test.server.open()
    test.heartbeat.probe()
    test.heartbeat.probe()
    expect(test.server.messages).toEqual([{ type: 'ping' }])
    vi.advanceTimersByTime(60_000)
    test.server.say({ type: 'pong' })
    vi.advanceTimersByTime(60_000)
    expect(test.deaths).toBe(1)
  })

  it('does not ask when an echo comes', () => {
    const test = watch()
    test.server.open()
    test.heartbeat.expectEcho()
    vi.advanceTimersByTime(4_000)
    test.server.output('x')
    vi.advanceTimersByTime(4_000)
    expect(test.server.messages).toEqual([])
  })

  it('ends with the connection', () => {
    const test = watch()
    test.server.open()
    test.heartbeat.expectEcho()
    test.server.drop()
    expect(vi.getTimerCount()).toBe(0)
    test.heartbeat.probe()
    test.heartbeat.expectEcho()
    expect([test.server.messages, vi.getTimerCount()]).toEqual([[], 0])
  })
})

describe('waking', () => {
  it('happens when the network is back or somebody looks again, until it is stopped', () => {
    const window = new EventTarget()
    const document = Object.assign(new EventTarget(), { hidden: false })
    let woken = 0
    const stop = onWake(() => woken++, { window, document })
    window.dispatchEvent(new Event('online'))
    window.dispatchEvent(new Event('focus'))
    document.dispatchEvent(new Event('visibilitychange'))
    expect(woken).toBe(3)
    document.hidden = true
    document.dispatchEvent(new Event('visibilitychange'))
    stop()
    window.dispatchEvent(new Event('online'))
    expect(woken).toBe(3)
  })

  it('is nothing outside of browsers', () => expect(onWake(() => undefined)()).toBeUndefined())
})
