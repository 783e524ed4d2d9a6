export interface ServerSentEvent {
  readonly type: string
  readonly data: string
  /** What to go on behind after a lost connection. */
  readonly id: string | undefined
}

/** Takes a stream of server-sent events in whatever pieces it comes. */
export function createEventParser (onEvent: (event: ServerSentEvent) => void) {
  let rest = ''
  let type = ''
  let data: string[] = []
  let id: string | undefined

  function takeLine (line: string): void {
    if (line === '') return dispatch()
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') type = value
    else if (name === 'data') data.push(value)
    else if (name === 'id') id = value
  }

  function dispatch (): void {
    if (data.length > 0) onEvent({ type: type === '' ? 'message' : type, data: data.join('\n'), id })
    type = ''
    data = []
  }

  return (text: string): void => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) takeLine(line.endsWith('\r') ? line.slice(0, -1) : line)
  }
}
