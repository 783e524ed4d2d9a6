import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Somebody else's server, which shows what it is told. By `localhost` it is of the same site as our pages, by `127.0.0.1` of another. */
export async function startForeignPages () {
  let html = ''
  const server = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end(`<!doctype html><title>Elsewhere</title><link rel="icon" href="data:,">${html}`))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    sameSite: `http://localhost:${port}`,
    otherSite: `http://127.0.0.1:${port}`,
    show: (body: string): void => { html = body },
    stop: (): void => { server.close() }
  }
}
