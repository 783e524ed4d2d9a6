export interface WelcomeOptions {
  /** For browsers. */
  readonly url: string
  /** Where the server listens. */
  readonly origin: string
  readonly apiKey: string
  readonly keyFile?: string
}

/** What somebody sees who has just started Berth: where it is, the key, and a line to paste. */
export function welcome ({ url, origin, apiKey, keyFile }: WelcomeOptions): string {
  const source = keyFile === undefined ? 'from API_KEY' : `kept in ${keyFile}`
  return `
Berth is at ${url}   (API: ${url}/docs)
Your key, ${source}: ${apiKey}

Try it:
curl -s ${origin}/api/execute -H 'X-API-Key: ${apiKey}' -H 'Content-Type: application/json' -d '{"language": "python", "code": "print(6 * 7)"}'

`
}
