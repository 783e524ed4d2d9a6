export interface WelcomeOptions {
  /** For browsers. */
  readonly url: string
  /** Where the server listens. */
  readonly origin: string
  /** Whether nobody but the person before it sees what is printed: secrets do not belong into a log. */
  readonly isTerminal: boolean
  readonly apiKey: string
  /** Where the key is kept; undefined when it comes from API_KEY. */
  readonly keyFile: string | undefined
  /** Undefined once there is an administrator. */
  readonly setup: { readonly link: string, readonly file: string } | undefined
}

/** What somebody sees who has just started Berth: where it is, the key, and a line to paste. */
export function welcome ({ url, origin, isTerminal, apiKey, keyFile, setup }: WelcomeOptions): string {
  const source = keyFile === undefined ? 'the one in API_KEY' : `kept in ${keyFile}`
  const pasted = isTerminal ? apiKey : keyFile === undefined ? '$API_KEY' : `$(cat ${keyFile})`
  return `
Berth is at ${url}   (API: ${url}/docs)
${setup === undefined ? '' : `Make yourself the administrator, once: ${isTerminal ? setup.link : `the link is in ${setup.file}`}\n`}Your key is ${source}${isTerminal ? `: ${apiKey}` : ''}

Try it:
curl -s ${origin}/api/execute -H "X-API-Key: ${pasted}" -H 'Content-Type: application/json' -d '{"language": "python", "code": "print(6 * 7)"}'

`
}
