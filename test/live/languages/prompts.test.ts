import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBerth, type Berth } from '../support/berth.ts'
import { connect } from '../sessions/client.ts'

const questions: Readonly<Record<string, string>> = {
  bash: 'read -rp "Name? " x\necho "got $x"',
  bun: 'const x = prompt("Name?"); console.log("got " + x)',
  c: '#include <stdio.h>\nint main(void) { char x[9]; printf("Name? "); scanf("%8s", x); printf("got %s\\n", x); }',
  clojure: '(print "Name? ")\n(println (str "got " (read-line)))',
  deno: 'const x = prompt("Name?"); console.log("got " + x)',
  elixir: 'Process.sleep(600)\nx = IO.gets("Name? ")\nIO.puts("got " <> String.trim(x))',
  erlang: 'main(_) -> timer:sleep(600), {ok, [X]} = io:fread("Name? ", "~s"), io:format("got ~s~n", [X]).',
  lua: 'io.write("Name? ")\nlocal x = io.read()\nprint("got " .. x)',
  perl: 'print "Name? "; my $x = <STDIN>; print "got $x";',
  php: '<?php $x = readline("Name? "); echo "got $x\n";',
  python: 'x = input("Name? ")\nprint("got", x)',
  r: 'x <- readline("Name? ")\ncat("got", x, "\\n")',
  racket: '#lang racket\n(display "Name? ")\n(printf "got ~a\\n" (read-line))',
  ruby: 'print "Name? "\nputs "got " + gets'
}

let berth: Berth
beforeAll(async () => { berth = await startBerth({ RUNTIMES: Object.keys(questions).join(','), LOG_LEVEL: 'error' }) }, 240_000)
afterAll(async () => await berth.stop())

const all = (client: { output: (stream?: string) => string }): string => client.output('stderr') + client.output()

describe.each(Object.entries(questions))('%s', (language, code) => {
  it('shows a question without a line break before it wants the answer, and wants one answer', async () => {
    const client = await connect(berth)
    client.send({ type: 'execute', language, code, timeout: 60_000, compileTimeout: 60_000 })
    await client.until('the question', () => client.count('input_required') === 1, 60_000)
    expect(all(client)).toBe('Name? ')
    client.send({ type: 'input', data: 'zz\n' })
    expect(await client.closed).toBe(1000)
    expect(all(client).trimEnd()).toBe('Name? got zz')
    expect(client.count('input_required')).toBe(1)
  })
})

describe('a program that reads nothing', () => {
  it.each<[string, string]>([
    ['erlang', 'main(_) -> timer:sleep(1200), io:format("x~n").'],
    ['elixir', 'Process.sleep(1200)\nIO.puts("x")'],
    ['racket', '#lang racket\n(sleep 1.2)\n(displayln "x")'],
    ['racket', '#lang racket\n(define t (thread (lambda () (sleep 1.2))))\n(void (sync t))\n(displayln "x")']
  ])('of %s is never said to wait', async (language, code) => {
    const client = await connect(berth)
    client.send({ type: 'execute', language, code, timeout: 60_000, compileTimeout: 60_000 })
    expect(await client.closed).toBe(1000)
    expect(client.output()).toBe('x\n')
    expect(client.count('input_required')).toBe(0)
  })
})

describe('input that is there already', () => {
  it.each<[string, string, string]>([
    ['elixir', 'IO.puts(IO.gets("? ") <> IO.gets("? "))\nIO.inspect(IO.read(:stdio, :eof))', '? ? é\nb\n\n"c"\n'],
    ['erlang', 'main(_) -> A = io:get_line("? "), {ok, [B]} = io:fread("? ", "~s"), io:format("~ts~s ~p~n", [A, B, io:get_line("")]).', '? ? é\nb "c"\n'],
    ['deno', 'console.log(prompt("?"), prompt("?", "d"), prompt("?"))', '? ? [d] ? é b c\n'],
    ['bash', 'read -p "? " a; read -p "? " b; echo "$a $b"', 'é b\n']
  ])('is taken by %s without asking', async (language, code, output) => {
    expect(await berth.execute({ language, code, input: 'é\nb\nc', timeout: 30_000, compileTimeout: 60_000 })).toMatchObject({ status: 'completed', output })
  })
})
