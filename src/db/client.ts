import pg from 'pg'
import { connectionSettings, SILENCE_MS, type DatabaseAddress } from './open.ts'

/** One connection at most, made when it is needed and made anew when it was lost. */
export interface DatabaseClient {
  readonly query: <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>
  /** Of a connection that was there. */
  readonly connection: () => Promise<pg.Client>
  readonly end: () => Promise<void>
}

export interface ClientOptions {
  /** After which a connection without a byte either way is given up; 0 for never. */
  readonly silenceMs?: number
  /** A connection that was there is lost. */
  readonly onclose?: () => void
  readonly onnotify?: (channel: string, payload: string) => void
}

export function openClient (address: DatabaseAddress, { silenceMs = SILENCE_MS, onclose, onnotify }: ClientOptions = {}): DatabaseClient {
  let connecting: Promise<pg.Client> | undefined
  /** One query at a time. */
  let turn: Promise<unknown> = Promise.resolve()

  async function dial (): Promise<pg.Client> {
    const client = new pg.Client(connectionSettings(address, silenceMs))
    let isConnected = false
    // Told to whoever waits for an answer.
    client.on('error', () => undefined)
    client.on('end', () => {
      connecting = undefined
      if (isConnected) onclose?.()
    })
    client.on('notification', ({ channel, payload = '' }) => onnotify?.(channel, payload))
    await client.connect()
    isConnected = true
    return client
  }

  async function connection (): Promise<pg.Client> {
    connecting ??= dial().catch((error: unknown) => {
      connecting = undefined
      throw error
    })
    return await connecting
  }

  return {
    async query<Row extends pg.QueryResultRow> (text: string, values: readonly unknown[] = []) {
      const asking = turn.then(async () => (await (await connection()).query<Row>(text, [...values])).rows)
      turn = asking.catch(() => undefined)
      return await asking
    },
    connection,
    async end () {
      const client = await connecting?.catch(() => undefined)
      await client?.end()
    }
  }
}
