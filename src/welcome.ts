/** What somebody sees who has just started Berth: where it is, the key, and a line to paste. */
export function welcome ({ origin, apiKey, keyFile }: { origin: string, apiKey: string, keyFile?: string }): string {
  const source = keyFile === undefined ? 'from API_KEY' : `kept in ${keyFile}`
  return `
Berth is at ${origin}   (API: ${origin}/docs)
Your key, ${source}: ${apiKey}

Try it:
curl -s ${origin}/api/execute -H 'X-API-Key: ${apiKey}' -H 'Content-Type: application/json' -d '{"language": "python", "code": "print(6 * 7)"}'

`
}
