/** The server counts bytes of UTF-8, an editor counts as JavaScript does. */
export function columnOf (line: string, byteColumn: number): number {
  return new TextDecoder().decode(new TextEncoder().encode(line).slice(0, byteColumn - 1)).length + 1
}
