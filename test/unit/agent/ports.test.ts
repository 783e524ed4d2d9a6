import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { basename } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { decodeError, decodeListeningPorts, decodePortsResult, encodePorts, ErrorCode, FrameType } from '../../../src/sandbox/agent-protocol.ts'
import { onChannel, streamBytes, type AgentProcess } from '../../support/agent-process.ts'
import { describeAgent } from '../../support/agent-suite.ts'

const servers: Server[] = []

async function listen (host: string, port = 0): Promise<number> {
  const server = createServer().listen({ host, port, ipv6Only: true })
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close()
    await once(server, 'close')
  }
})

async function listPorts (agent: AgentProcess, channel: number) {
  agent.send(FrameType.OPEN, channel, encodePorts())
  const { payload } = await agent.waitFor(onChannel(channel, FrameType.RESULT), 'RESULT')
  return { ...decodePortsResult(payload), ports: decodeListeningPorts(streamBytes(agent, channel, 0)) }
}

// As programs of other users do in a sandbox, what the machine itself runs may listen too.
const program = basename(process.execPath).slice(0, 15)

describeAgent('listening ports', ({ start, binary, root, env }) => {
  test('are told with program and reach', async () => {
    const loopback = await listen('127.0.0.1')
    const loopbackV6 = await listen('::1')
    const everywhere = await listen('0.0.0.0')
    const { ports, truncated } = await listPorts(await start(), 1)
    const find = (port: number) => ports.filter((entry) => entry.port === port)
    expect(truncated).toBe(false)
    expect(find(loopback)).toEqual([{ port: loopback, process: program, loopbackOnly: true }])
    expect(find(loopbackV6)).toEqual([{ port: loopbackV6, process: program, loopbackOnly: true }])
    expect(find(everywhere)).toEqual([{ port: everywhere, process: program, loopbackOnly: false }])
  })

  test('count as reachable when one of several addresses is', async () => {
    const port = await listen('127.0.0.1')
    await listen('::', port)
    const { ports } = await listPorts(await start(), 1)
    expect(ports.filter((entry) => entry.port === port)).toEqual([{ port, process: program, loopbackOnly: false }])
  })

  test('are told of no more than 64', async () => {
    await Promise.all(Array.from({ length: 65 }, async () => await listen('127.0.0.1')))
    const { ports, truncated } = await listPorts(await start(), 1)
    expect(ports).toHaveLength(64)
    expect(truncated).toBe(true)
  })

  test('do not include those that another user opened', async () => {
    const port = await listen('127.0.0.1')
    const agent = await start({ binary: binary(), root: root(), wrapper: ['setpriv', '--reuid', '65534', '--clear-groups', 'env', ...asArguments(env())] })
    const { ports } = await listPorts(agent, 1)
    expect(ports.map((entry) => entry.port)).not.toContain(port)
  })

  test('take no fields', async () => {
    const agent = await start()
    agent.send(FrameType.OPEN, 1, Buffer.concat([encodePorts(), Buffer.of(1, 0, 0, 0, 0)]))
    const { payload } = await agent.waitFor(onChannel(1, FrameType.ERROR), 'ERROR')
    expect(decodeError(payload)).toMatchObject({ code: ErrorCode.BAD_REQUEST })
  })
})

function asArguments (variables: Record<string, string>): string[] {
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`)
}
