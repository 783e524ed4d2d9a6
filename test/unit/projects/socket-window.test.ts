import { describe, expect, it } from 'vitest'
import { createWindow } from '../../../src/projects/processes/sockets/window.ts'

function createScriptedWindow ({ expectsAcknowledgements = true } = {}) {
  const socket = { buffered: 0 }
  const window = createWindow({ highBytes: 100, lowBytes: 40 }, { bufferedBytes: () => socket.buffered, expectsAcknowledgements })
  return { window, socket }
}

describe('a window', () => {
  it('closes at the high mark and opens at the low one, not in between', () => {
    const { window } = createScriptedWindow()
    window.sent(99)
    expect(window.isOpen()).toBe(true)
    window.sent(1)
    expect(window.isOpen()).toBe(false)
    window.acknowledged(59)
    expect(window.isOpen()).toBe(false)
    window.acknowledged(1)
    expect(window.isOpen()).toBe(true)
  })

  it('closes for what the socket holds, acknowledged or not', () => {
    const { window, socket } = createScriptedWindow()
    socket.buffered = 100
    window.sent(1)
    window.acknowledged(1)
    expect(window.isOpen()).toBe(false)
    socket.buffered = 40
    window.flushed()
    expect(window.isOpen()).toBe(true)
  })

  it('believes no acknowledgement of what was not sent', () => {
    const { window } = createScriptedWindow()
    window.sent(10)
    window.acknowledged(Number.MAX_SAFE_INTEGER)
    window.sent(100)
    expect(window.isOpen()).toBe(false)
  })

  it('counts only the socket for a client that does not acknowledge', () => {
    const { window, socket } = createScriptedWindow({ expectsAcknowledgements: false })
    window.sent(1000)
    expect(window.isOpen()).toBe(true)
    socket.buffered = 100
    window.sent(1)
    expect(window.isOpen()).toBe(false)
  })

  it('stops waiting for a client that takes everything and never acknowledged anything', () => {
    const { window } = createScriptedWindow()
    window.sent(1000)
    window.stopWaitingForFirst()
    expect(window.isOpen()).toBe(true)
  })

  it('waits for acknowledgements after the first, and for a client that does not read', () => {
    const { window, socket } = createScriptedWindow()
    window.sent(1000)
    socket.buffered = 50
    window.stopWaitingForFirst()
    expect(window.isOpen()).toBe(false)
    socket.buffered = 0
    window.acknowledged(1)
    window.stopWaitingForFirst()
    expect(window.isOpen()).toBe(false)
  })

  it('counts acknowledgements again when the first has come after all', () => {
    const { window } = createScriptedWindow()
    window.sent(1000)
    window.stopWaitingForFirst()
    window.acknowledged(32)
    expect(window.isOpen()).toBe(false)
  })

  it('does not count what it cannot hear of while it is deaf', () => {
    const { window } = createScriptedWindow()
    window.sent(1000)
    window.setDeaf(true)
    expect(window.isOpen()).toBe(true)
    window.setDeaf(false)
    expect(window.isOpen()).toBe(false)
  })
})
