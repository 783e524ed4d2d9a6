import { describe, expect, it } from 'vitest'
import { createSockets } from '../../../src/client/connection/open-socket.ts'
import { createScriptedSocket, type ScriptedSocket } from './scripted-socket.ts'

function open (key?: string | (() => string | Promise<string>)) {
  const opened: Array<[string, string[]]> = []
  const servers: ScriptedSocket[] = []
  class ScriptedWebSocket {
    constructor (url: string, protocols: string[]) {
      opened.push([url, protocols])
      const server = createScriptedSocket()
      servers.push(server)
      return server.socket
    }
  }
  const socket = createSockets({ origin: 'https://berth.example', key, WebSocket: ScriptedWebSocket as never })('/terminal/1', 'term.v1')
  return { socket, opened, get server () { return servers[0] as ScriptedSocket } }
}

describe('opening of a socket', () => {
  it('offers its protocol alone without a key', () => {
    expect(open().opened).toEqual([['wss://berth.example/terminal/1', ['term.v1']]])
  })

  it('takes a key along as one more protocol', () => {
    expect(open('brt_x').opened).toEqual([['wss://berth.example/terminal/1', ['term.v1', 'berth.key.brt_x']]])
  })

  it('waits for a key that has to be fetched, and is then as any other', async () => {
    const test = open(async () => 'brt_y')
    const heard: unknown[] = []
    test.socket.addEventListener('open', () => heard.push('open'))
    test.socket.addEventListener('message', ({ data }) => heard.push(data))
    test.socket.addEventListener('close', ({ code }) => heard.push(code))
    expect(test.opened).toEqual([])
    await new Promise(setImmediate)
    expect(test.opened).toEqual([['wss://berth.example/terminal/1', ['term.v1', 'berth.key.brt_y']]])
    test.server.open()
    test.server.say('text')
    test.socket.send('sent')
    test.server.drop(1000)
    expect(heard).toEqual(['open', 'text', 1000])
    expect(test.server.socket.binaryType).toBe('arraybuffer')
  })

  it('closes as a lost connection when there is no key', async () => {
    const test = open(async () => await Promise.reject(new Error('signed out')))
    const codes: number[] = []
    test.socket.addEventListener('close', ({ code }) => codes.push(code))
    await new Promise(setImmediate)
    expect([codes, test.opened]).toEqual([[1006], []])
  })

  it('is given up when it is closed before', async () => {
    const test = open(async () => 'brt_y')
    test.socket.close()
    await new Promise(setImmediate)
    expect(test.server.isClosed).toBe(true)
  })
})
