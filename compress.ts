import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const COMPRESSIBLE = /\.(?:html|js|css|svg)$/
const encoders = { br: promisify(brotliCompress), gz: promisify(gzip) }

/** Leaves `.br` and `.gz` beside each text file that was built, so that no request has to wait for a compressor. */
export function compress (): Plugin {
  return {
    name: 'compress',
    async writeBundle ({ dir = '' }) {
      const files = (await readdir(dir, { recursive: true })).filter((name) => COMPRESSIBLE.test(name))
      await Promise.all(files.flatMap((name) => Object.entries(encoders).map(async ([extension, encode]) => {
        const file = path.join(dir, name)
        await writeFile(`${file}.${extension}`, await encode(await readFile(file)))
      })))
    }
  }
}
