import type { DockerClient } from '../../../src/docker/index.ts'
import { openTerminal } from '../../support/terminal-client.ts'

/** A terminal's bytes, however they come. */
export interface Line {
  readonly send: (bytes: Buffer) => void
  /** Resolves when so many more bytes have come since the last call. */
  readonly receive: (bytes: number) => Promise<void>
  readonly close: () => Promise<void>
}

function createReceiver () {
  let waiting: { bytes: number, resolve: () => void } | undefined
  let received = 0

  function settle (): void {
    if (waiting === undefined || received < waiting.bytes) return
    received -= waiting.bytes
    const { resolve } = waiting
    waiting = undefined
    resolve()
  }

  return {
    take: (bytes: number): void => {
      received += bytes
      settle()
    },
    receive: async (bytes: number): Promise<void> => await new Promise((resolve) => {
      waiting = { bytes, resolve }
      settle()
    })
  }
}

const READY = 'ready'

/** The yardstick: the Engine's hijacked socket itself. */
export async function openRawLine (docker: DockerClient, containerId: string, script: string): Promise<Line> {
  const { Id } = await docker.exec.create(containerId, {
    Cmd: lineCommand(script),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: true
  })
  const { socket } = await docker.exec.startRaw(Id, { tty: true })
  const { take, receive } = createReceiver()
  socket.on('data', ({ length }: Buffer) => take(length)).resume()
  await receive(READY.length)
  return {
    send: (bytes) => void socket.write(bytes),
    receive,
    close: async () => { socket.destroy() }
  }
}

/** The same program in one of our processes, which is at `url`. */
export async function openProcessLine (url: string, key: string): Promise<Line> {
  const client = openTerminal(url, { headers: { 'X-API-Key': key } })
  await client.shows(READY)
  client.clear()
  const { take, receive } = createReceiver()
  client.ws.on('message', (bytes: Buffer, isBinary) => {
    client.clear()
    if (isBinary) take(bytes.length)
  })
  return { send: client.type, receive, close: client.close }
}

/** What the process runs for that. */
export const lineCommand = (script: string): string[] => ['/bin/bash', '-c', `stty raw -echo; printf ${READY}; ${script}`]

/** The same program in one of our terminals. */
export async function openOurLine (url: string, key: string, script: string): Promise<Line> {
  const client = openTerminal(url, { headers: { 'X-API-Key': key } })
  await client.hello()
  client.type(`exec bash -c 'stty raw -echo; printf ${READY}; ${script}'\n`)
  await client.shows(new RegExp(`(?<!printf )${READY}$`))
  client.clear()
  const { take, receive } = createReceiver()
  client.ws.on('message', (bytes: Buffer, isBinary) => {
    client.clear()
    if (isBinary) take(bytes.length)
  })
  return { send: client.type, receive, close: client.close }
}
