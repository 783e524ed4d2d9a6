import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { CallScope } from './call-scope.ts'
import type { Endpoint } from './endpoint.ts'
import { DockerError, errorFromCause, errorFromStatus } from './errors.ts'
import { createResponseReader, type ResponseHead } from './response-head.ts'
import { surviveBrokenPipe } from './broken-pipe.ts'

/** A connection that has left HTTP behind. */
export interface HijackedConnection {
  /**
   * Paused: listen for `data`, then `resume()`. Bytes that came with the head are in it. Destroy it on `end`, since the
   * Engine closes only its own half. An error needs no listener; `errored` has it on `close`.
   */
  socket: Socket
  head: ResponseHead
  /** True once the Engine has stopped reading: what was written since then went nowhere. */
  isPipeBroken: () => boolean
}

interface HijackRequest {
  operation: string
  path: string
  body: object | undefined
  scope: CallScope
}

/**
 * Upgrades a connection of its own, over node:net: pooled HTTP clients lose the error body of a refused
 * upgrade and the first bytes after the 101. Resolves once the Engine has switched, since bytes sent before are lost.
 */
export function openHijack (endpoint: Endpoint, { operation, path, body, scope }: HijackRequest): Promise<HijackedConnection> {
  return new Promise((resolve, reject) => {
    const aborted = scope.reason()
    if (aborted !== undefined) return reject(aborted)
    const socket = dial(endpoint)
    const isPipeBroken = surviveBrokenPipe(socket)
    const reader = createResponseReader()

    const stopWatching = scope.onAbort((reason) => socket.destroy(reason))
    const stopListening = () => {
      socket.off('data', onData).off('end', onEnd).off('close', onClose)
    }
    const fail = (error: Error) => {
      stopListening()
      stopWatching()
      socket.destroy()
      reject(error)
    }
    const onData = (chunk: Buffer) => {
      try {
        const response = reader.push(chunk)
        if (response === undefined) return
        if (response.kind === 'refused') return fail(errorFromStatus(operation, response.head.status, response.body))
        stopListening()
        socket.pause()
        if (response.rest.length > 0) socket.unshift(response.rest)
        resolve({ socket, head: response.head, isPipeBroken })
      } catch (cause) {
        fail(new DockerError({ code: 'protocol', operation, message: (cause as Error).message, cause }))
      }
    }
    const onEnd = () => {
      const refusal = reader.end()
      if (refusal !== undefined) return fail(errorFromStatus(operation, refusal.head.status, refusal.body))
      fail(new DockerError({ code: 'unavailable', operation, message: 'the Engine closed the connection before it answered' }))
    }
    const onClose = () => fail(errorFromCause(operation, socket.errored ?? new Error('the connection was closed')))

    // Its error is also in `socket.errored`, where `close` finds it.
    socket.on('error', ignore)
    socket.on('data', onData).once('end', onEnd).once('close', onClose)
    socket.write(upgradeRequest(endpoint, path, body))
  })
}

function dial (endpoint: Endpoint): Socket {
  // Half-open: the Engine may close its half while we still write, and the other way round.
  const common = { allowHalfOpen: true, noDelay: true }
  if (endpoint.kind === 'unix') return connectTcp({ ...common, path: endpoint.socketPath })
  const { host, port, tls } = endpoint
  if (tls === undefined) return connectTcp({ ...common, host, port })
  const { verify, ...certificates } = tls
  const socket = connectTls({ ...common, ...certificates, host, port, rejectUnauthorized: verify })
  return socket.setNoDelay(true)
}

function upgradeRequest (endpoint: Endpoint, path: string, body: object | undefined): string {
  const json = body === undefined ? '' : JSON.stringify(body)
  const host = endpoint.kind === 'unix' ? 'docker' : endpoint.host
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: tcp',
    `Content-Length: ${Buffer.byteLength(json)}`
  ]
  if (json !== '') lines.push('Content-Type: application/json')
  return `${lines.join('\r\n')}\r\n\r\n${json}`
}

function ignore (): void {}
