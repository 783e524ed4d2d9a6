/** A terminal that parses only when the test says so. */
export function createScriptedScreen () {
  const waiting: Array<{ bytes: Uint8Array, onParsed: () => void }> = []
  const received: Uint8Array[] = []
  return {
    write: (bytes: Uint8Array, onParsed: () => void): void => {
      // As xterm.js does, it keeps what it was given: the caller must not change it afterwards.
      waiting.push({ bytes, onParsed })
      received.push(bytes)
    },
    get text () { return Buffer.concat(received).toString() },
    parseNext: () => waiting.shift()?.onParsed(),
    parseAll: () => { for (const { onParsed } of waiting.splice(0)) onParsed() }
  }
}
