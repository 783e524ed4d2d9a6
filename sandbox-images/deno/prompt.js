/* global Deno */
// Loaded before every program. Deno asks at a terminal only: without one prompt(), confirm() and alert() answer at once.
if (!Deno.stdin.isTerminal()) {
  const write = (text) => {
    for (let bytes = new TextEncoder().encode(text); bytes.length > 0;) bytes = bytes.subarray(Deno.stdout.writeSync(bytes))
  }
  // Byte by byte: what comes after the line is somebody else's.
  const readLine = () => {
    const line = []
    const byte = new Uint8Array(1)
    for (;;) {
      if (Deno.stdin.readSync(byte) !== 1) return line.length === 0 ? null : line
      if (byte[0] === 10) return line
      line.push(byte[0])
    }
  }
  const ask = (text) => {
    write(text)
    const line = readLine()
    return line === null ? null : new TextDecoder().decode(Uint8Array.from(line)).replace(/\r$/, '')
  }
  const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true })

  define('prompt', (message = 'Prompt', fallback = null) => {
    const answer = ask(fallback === null ? `${message} ` : `${message} [${fallback}] `)
    return answer === '' && fallback !== null ? String(fallback) : answer ?? fallback
  })
  define('confirm', (message = 'Confirm') => /^y$/i.test(ask(`${message} [y/N] `) ?? ''))
  define('alert', (message = 'Alert') => { ask(`${message} [Enter] `) })
}
