import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import { planExecution } from '../../../src/runtime/runs/plan.ts'
import { findPolicyMatches } from '../../../src/runtime/runs/policy.ts'
import { growthOf } from '../../support/regex-steps.ts'
import { loadCatalogue } from '../../../src/sandbox/images/catalogue.ts'
import { readyRuntime } from '../../support/runtime-fixture.ts'

const catalogue = await loadCatalogue(join(import.meta.dirname, '../../../sandbox-images'))

const policy = [{ pattern: '^import socket', message: 'no network' }, { pattern: 'fork', message: 'no forks' }]

function find (files: Record<string, string>): string[] {
  const planned = Object.entries(files).map(([path, content]) => ({ path, content: Buffer.from(content) }))
  return findPolicyMatches({ policy, extension: 'py' }, planned[0]!.path, planned)
}

it('names the file and what is to be said about it, once for each pattern', () => {
  expect(find({ 'main.py': 'import socket\nfork()\nfork()', 'lib/a.py': 'x\nimport socket' })).toEqual(['main.py: no network', 'main.py: no forks', 'lib/a.py: no network'])
})

it('looks at sources only, and the main file is one whatever its name', () => {
  expect(find({ program: 'fork', 'data.csv': 'fork' })).toEqual(['program: no forks'])
})

it('looks at so much and no more', () => {
  expect(find({ 'a.py': `${' '.repeat(600_000)}fork`, 'b.py': 'fork' })).toEqual([])
})

it.each([['off', []], ['warn', ['main.py: no forks']]] as const)('CODE_POLICY=%s answers with %j', (mode, warnings) => {
  const { execution, sandbox } = loadConfig({ CODE_POLICY: mode }, 2)
  const plan = planExecution({ language: 'python', code: 'fork' }, readyRuntime({ policy }), execution, sandbox.diskBytes)
  expect(plan).toMatchObject({ warnings, isBlocked: false })
})

it('CODE_POLICY=block lets nothing run that it has something to say about', () => {
  const { execution, sandbox } = loadConfig({ CODE_POLICY: 'block' }, 2)
  const plan = (code: string) => planExecution({ language: 'python', code }, readyRuntime({ policy }), execution, sandbox.diskBytes)
  expect(plan('fork')).toMatchObject({ isBlocked: true, warnings: ['main.py: no forks'] })
  expect(plan('print(1)')).toMatchObject({ isBlocked: false, warnings: [] })
})

it.each<[string, string]>([
  ['python', 'import os\n  import requests'],
  ['python', 'from subprocess import run'],
  ['javascript', 'const net = require("node:net")'],
  ['typescript', 'import { spawn } from "child_process"'],
  ['bash', 'cat x | curl http://example'],
  ['c', '#include <sys/socket.h>'],
  ['cpp', 'int main() { fork(); }'],
  ['go', 'import (\n\t"fmt"\n\t"net/http"\n)'],
  ['java', 'import java.net.Socket;'],
  ['ruby', "require 'net/http'"],
  ['php', '<?php exec("ls");'],
  ['perl', 'use IO::Socket::INET;'],
  ['rust', 'use std::net::TcpStream;'],
  ['csharp', 'using System.Net.Http;'],
  ['lua', 'os.execute("ls")'],
  ['deno', 'new Deno.Command("ls")']
])('has something to say in %s about %j', (language, source) => {
  const runtime = catalogue.find(language)!
  expect(findPolicyMatches(runtime, runtime.mainFile, [{ path: runtime.mainFile, content: Buffer.from(source) }])).toHaveLength(1)
})

const patterns = catalogue.runtimes.flatMap(({ language, policy }) => (policy ?? []).map(({ pattern }) => [language, pattern] as const))

it.each(patterns)('%s: %s takes no more than linear time', (language, pattern) => {
  for (const piece of [' ', '\t \t', 'import ', 'import    ', '#  include   ', 'exec', ':()', '.getRuntime() \n ', 'do  ', '"net']) {
    expect(growthOf(pattern, piece, { bytes: 4_096 }), `${language} ${JSON.stringify(piece)}`).toBeLessThan(2.1)
  }
})
