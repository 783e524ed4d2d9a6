/** The first call with a key, as a program of each language writes it. */
export function keyLines (origin: string, key: string): ReadonlyArray<{ readonly id: string, readonly label: string, readonly code: string }> {
  return [
    {
      id: 'curl',
      label: 'curl',
      code: `curl -s ${origin}/api/execute \\
  -H 'X-API-Key: ${key}' \\
  -H 'Content-Type: application/json' \\
  -d '{"language": "python", "code": "print(6 * 7)"}'`
    },
    {
      id: 'python',
      label: 'Python',
      code: `import json, urllib.request

request = urllib.request.Request(
    '${origin}/api/execute',
    json.dumps({'language': 'python', 'code': 'print(6 * 7)'}).encode(),
    {'X-API-Key': '${key}', 'Content-Type': 'application/json'})
print(json.load(urllib.request.urlopen(request))['output'])`
    },
    {
      id: 'javascript',
      label: 'JavaScript',
      code: `const answer = await fetch('${origin}/api/execute', {
  method: 'POST',
  headers: { 'X-API-Key': '${key}', 'Content-Type': 'application/json' },
  body: JSON.stringify({ language: 'python', code: 'print(6 * 7)' })
})
console.log((await answer.json()).output)`
    }
  ]
}
