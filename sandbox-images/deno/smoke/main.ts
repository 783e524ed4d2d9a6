import { greet } from './greeting.ts'

const names = (await new Response(Deno.stdin.readable).text()).trimEnd().split('\n')
for (const name of names) console.log(greet(name))
console.log(`${names.length} names`)
