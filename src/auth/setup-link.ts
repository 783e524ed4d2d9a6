import { randomUUID, timingSafeEqual } from 'node:crypto'
import { open, rename, unlink } from 'node:fs/promises'
import path from 'node:path'
import { loadOrCreatePrivateFile } from '../lib/private-files.ts'
import { generateToken, hashToken } from '../lib/token.ts'

/** Proof of who has started the server, for whoever becomes its first administrator. */
export interface SetupLink {
  readonly file: string
  readonly matches: (token: string) => boolean
  /** Writes the whole link into the file, and returns it. */
  readonly write: (origin: string) => Promise<string>
  /** It is worth nothing any more. */
  readonly remove: () => Promise<void>
}

const TOKEN = /#([A-Za-z0-9_-]{43})$/

/** The token lies in a file of mode 0600 until it is used, so that each start prints the same link. */
export async function openSetupLink (dataDir: string): Promise<SetupLink> {
  const file = path.join(dataDir, 'setup-link')
  const token = TOKEN.exec(await loadOrCreatePrivateFile(file, () => `#${generateToken().token}`))?.[1]
  if (token === undefined) throw new Error(`${file} holds no setup link: delete it, and start again`)
  const right = hashToken(token)
  return {
    file,
    matches: (given) => timingSafeEqual(hashToken(given), right),
    async write (origin) {
      const link = `${origin}/setup#${token}`
      const temporary = path.join(dataDir, `.setup-link.${randomUUID()}`)
      const handle = await open(temporary, 'wx', 0o600)
      try {
        await handle.writeFile(`${link}\n`)
      } finally {
        await handle.close()
      }
      await rename(temporary, file)
      return link
    },
    async remove () {
      await unlink(file).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
    }
  }
}
