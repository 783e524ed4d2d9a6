import { spawn } from 'node:child_process'
import { once } from 'node:events'

export const PROGRAM = 'print("hi")'

/** The yardstick: Debian's interpreter started by Node, its output read to the end. */
export async function bareSpawn (): Promise<void> {
  const child = spawn('/usr/bin/python3', ['-c', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString() })
  const [code] = await once(child, 'close') as [number]
  if (code !== 0 || output !== 'hi\n') throw new Error(`bare spawn: exit ${code}, ${output}`)
}
