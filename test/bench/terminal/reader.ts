import { openTerminal } from '../../support/terminal-client.ts'

// A client in a process of its own that runs `yes` and takes what comes, so that it does not slow the one that measures.
const [url = '', key = ''] = process.argv.slice(2)
const client = openTerminal(url, { headers: { 'X-API-Key': key } })
await client.hello()
client.type('yes\n')
client.ws.on('message', () => client.clear())
await client.closed
