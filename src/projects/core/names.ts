/** Names of ours in a project's directory begin with it: what they hold is on its way in or out, never shown, and nobody else's to touch. */
export const OWN_PREFIX = '.berth-'

export function isOwnName (name: Uint8Array): boolean {
  return Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString('latin1').startsWith(OWN_PREFIX)
}

/** `directory/name`, or just the name where the directory is the root. Bytes, as programs may call files anything. */
export function joinPath (directory: Uint8Array, name: Uint8Array): Buffer {
  return directory.length === 0 ? Buffer.from(name) : Buffer.concat([directory, Buffer.from('/'), name])
}

export function nameOf (path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf('/') + 1)
}
