import { PassThrough } from 'node:stream'
import { connectAgent, type AgentConnection } from '../../src/sandbox/agent-client/connection.ts'
import { FrameType, HEADER_BYTES, PROTOCOL_VERSION, encodeFrame, type Frame } from '../../src/sandbox/agent-protocol.ts'

/** What the server side wrote, cut into frames; the codec's own reader takes only what an agent may send. */
function readServerFrames (bytes: Buffer): Frame[] {
  const frames: Frame[] = []
  for (let offset = 0; offset + HEADER_BYTES <= bytes.length;) {
    const length = bytes.readUInt32BE(offset + 4)
    frames.push({
      type: bytes.readUInt8(offset) as Frame['type'],
      stream: bytes.readUInt8(offset + 1),
      channel: bytes.readUInt16BE(offset + 2),
      payload: bytes.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + length)
    })
    offset += HEADER_BYTES + length
  }
  return frames
}

export function agentHello (): Buffer {
  const fields = Buffer.concat([Buffer.of(1, 0, 0, 0, 4, 0, 0, 0, 16), Buffer.of(2, 0, 0, 0, 4, 0, 0, 0, 1)])
  return encodeFrame({ type: FrameType.HELLO, payload: Buffer.concat([Buffer.from('BRTH'), Buffer.of(0, PROTOCOL_VERSION), fields]) })
}

/** The other end of an agent's connection, in a test's hands. */
export function createScriptedAgent () {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const written: Buffer[] = []
  let isDestroyed = false
  stdin.on('data', (chunk: Buffer) => written.push(chunk))
  const stream = {
    stdin,
    stdout,
    destroy: () => {
      isDestroyed = true
      stdin.destroy()
      stdout.destroy()
    }
  }
  return {
    stream,
    isDestroyed: () => isDestroyed,
    /** Everything that the server has sent so far. */
    received: () => readServerFrames(Buffer.concat(written)),
    /** Chunks as they were written: one per packet. */
    writes: () => written.length,
    send: async (...frames: Buffer[]) => {
      for (const frame of frames) stdout.write(frame)
      await new Promise(setImmediate)
    },
    end: () => stdout.end(),
    connect: async (): Promise<AgentConnection> => {
      const connecting = connectAgent(stream)
      stdout.write(agentHello())
      const agent = await connecting
      await new Promise(setImmediate)
      return agent
    }
  }
}
