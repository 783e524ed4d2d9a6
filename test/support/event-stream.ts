export interface SeenEvent {
  readonly event: string
  readonly id: string
  readonly data: Record<string, unknown>
}

export type EventStream = Awaited<ReturnType<typeof openEventStream>>

/** Server-sent events, one by one. */
export async function openEventStream (url: string, headers: Record<string, string>) {
  const leaving = new AbortController()
  const response = await fetch(url, { headers: { Accept: 'text/event-stream', ...headers }, signal: leaving.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''

  /** Undefined when the server has ended the stream. */
  async function next (): Promise<SeenEvent | undefined> {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end !== -1) {
        const block = text.slice(0, end)
        text = text.slice(end + 2)
        const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
        if (field('event') === '') continue
        return { event: field('event'), id: field('id'), data: JSON.parse(field('data')) as Record<string, unknown> }
      }
      const { value, done } = await reader?.read() ?? { value: undefined, done: true }
      if (done || value === undefined) return undefined
      text += value
    }
  }

  return {
    status: response.status,
    headers: response.headers,
    json: async () => JSON.parse(`${text}${(await reader?.read())?.value ?? ''}`) as { code: string },
    next,
    /** The next that is like it; what comes before that is passed over. */
    until: async (isIt: (seen: SeenEvent) => boolean): Promise<SeenEvent> => {
      for (let seen = await next(); seen !== undefined; seen = await next()) if (isIt(seen)) return seen
      throw new Error('the stream ended before the event came')
    },
    close: () => leaving.abort()
  }
}
