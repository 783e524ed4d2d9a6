import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { loadCatalogue } from '../../../src/sandbox/images/catalogue.ts'
import { findExtraCertificates, hostCertificateSources } from '../../../src/sandbox/images/certificates.ts'
import { resolveImages } from '../../../src/sandbox/images/resolve.ts'
import { openTerminal } from '../../support/terminal-client.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startProjectsBerth, type Berth } from '../projects/berth.ts'
import { signUp, type User } from '../projects/user.ts'
import { imagesDirectory, startBerth } from '../support/berth.ts'
import { haveProjectsNetwork, NO_NETWORK } from '../support/project-network.ts'
import { findBuilt } from './built.ts'
import { newcomers } from './newcomers.ts'

const TOOLS = [
  'bash', 'curl', 'file', 'git', 'htop', 'jq', 'less', 'make', 'man', 'nano', 'patch', 'ps', 'rg', 'ssh', 'tmux', 'top', 'unzip', 'vi', 'vim', 'wget', 'xz', 'zip'
]
// What starts a compiler, or a JVM, several times.
const COMMANDS_MS = 300_000

const { runtimes } = await loadCatalogue(imagesDirectory)
const languages = runtimes.map(({ language }) => language)
const built = await findBuilt(languages)

let berth: Berth
let user: User
beforeAll(async () => {
  berth = await startProjectsBerth({ PROJECT_TOOLS: 'on' })
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())

/** Both streams in one, as on a terminal. */
async function type (id: string, command: string): Promise<string> {
  const { output } = await user.exec(id, `exec 2>&1; ${command}`, { timeout: COMMANDS_MS })
  return output
}

it('are tried for every language', () => {
  expect(Object.keys(newcomers)).toEqual(languages)
})

describe.each(languages)('the image of projects in %s', (language) => {
  it.skipIf(!built.has(language))(`does what its newcomer does first${built.has(language) ? '' : ': skipped, as it is not built'}`, async () => {
    const { files = {}, commands } = newcomers[language]!
    const { id } = await user.createProject({
      runtime: language,
      network: 'none',
      memory: 1024 ** 3,
      files: Object.entries(files).map(([path, content]) => ({ path, content }))
    })
    onTestFinished(async () => await user.remove(id))
    const tools = [...TOOLS, ...runtimes.find((runtime) => runtime.language === language)?.project?.tools ?? []]
    expect(await type(id, `for tool in ${tools.join(' ')}; do command -v "$tool" > /dev/null || echo "$tool"; done`)).toBe('')
    expect(await type(id, 'man ls | head -n 4; man 7 ascii | head -n 4; locale -a')).toMatch(/list directory contents[^]*ASCII[^]*C\.utf8[^]*en_US\.utf8/)
    for (const [command, prints] of commands) expect([command, await type(id, command)]).toEqual([command, expect.stringMatching(typeof prints === 'string' ? escape(prints) : prints)])
  }, 2 * COMMANDS_MS)
})

describe('a project in an image of its own', () => {
  it.skipIf(!built.has('python'))('finds in a shell that is open already what has just been installed', async () => {
    const { id } = await user.createProject({ runtime: 'python', network: 'none' })
    onTestFinished(async () => await user.remove(id))
    const terminal = openTerminal(`${berth.origin}/terminal/${id}`, { headers: { 'X-API-Key': user.key } })
    await terminal.shows(/[$] $/)
    terminal.type('python3 -c "print(6 * 7)"; python3 -m venv .venv; python3 -c "import sys; print(sys.prefix)"\n')
    await terminal.shows('42\r\n/workspace/.venv\r\n', COMMANDS_MS)
    terminal.type('echo "alias greet=\'echo good day\'" > .bashrc; exec bash -l\n')
    await terminal.shows(/exec bash -l\r\n[^]*[$] $/)
    terminal.type('greet; type complete; echo $EDITOR $PAGER\n')
    await terminal.shows('good day\r\ncomplete is a shell builtin\r\nnano less\r\n')
    await terminal.close()
  })

  it.skipIf(!built.has('python'))('installs what its berth.json names before its first run, and says so where it cannot', async () => {
    const { id } = await user.createProject({
      runtime: 'python',
      network: 'none',
      files: [
        { path: 'make_wheel.py', content: newcomers.python!.files!['make_wheel.py']! },
        { path: 'berth.json', content: JSON.stringify({ packages: ['./greet-1.0-py3-none-any.whl'], run: 'command -v greet; greet', services: [{ name: 'greeter', cmd: 'greet; exec sleep 1000' }] }) }
      ]
    })
    onTestFinished(async () => await user.remove(id))
    const run = async (): Promise<string> => {
      const { body } = await user.call<{ id: string }>('POST', `/projects/${id}/run`, {})
      return await (await user.send('GET', `/projects/${id}/processes/${body.id}/logs?follow=true`)).text()
    }
    expect(await run()).toMatch(/berth\.json: its packages could not be installed, as this project has no network\r\n$/)
    await type(id, 'python make_wheel.py')
    // By its service, if that was sooner.
    expect(await run()).toMatch(/\/workspace\/\.venv\/bin\/greet\r\nhello from greet\r\n$/)
    expect(await run()).toBe('/workspace/.venv/bin/greet\r\nhello from greet\r\n')
    await user.stop(id)
    await user.start(id)
    await waitFor('the service', async () => (await (await user.send('GET', `/projects/${id}/processes/service-greeter/logs`)).text()) === 'hello from greet\n')
    await user.send('PUT', `/projects/${id}/files/berth.json`, undefined, { body: JSON.stringify({ packages: ['flask'], run: 'true' }) })
    expect(await run()).toMatch(/^pip: this project has no network, so that nothing can be downloaded\r\n[^]*berth\.json: its packages could not be installed, as this project has no network\r\n$/)
  }, COMMANDS_MS)

  it.skipIf(!built.has('javascript'))('installs from the registry where it has a network', async ({ skip }) => {
    if (!await haveProjectsNetwork(berth)) skip(NO_NETWORK)
    const { id } = await user.createProject({ runtime: 'javascript', memory: 1024 ** 3 })
    onTestFinished(async () => await user.remove(id))
    const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim()
    expect(await type(id, `npm install --registry ${registry} is-number && node -p "require('is-number')(42)"`)).toMatch(/^(?!npm: )[^]*added 1 package[^]*\ntrue\n$/)
    for (const command of ['pnpm add', 'yarn add']) {
      expect([command, await type(id, `rm -rf node_modules *.json *.lock *.yaml; ${command} --registry ${registry} is-number && node -p "require('is-number')(42)"`)]).toEqual([command, expect.stringMatching(/is-number[^]*\ntrue\n$/)])
    }
  }, COMMANDS_MS)

  it.skipIf(!built.has('javascript'))('installs what its berth.json names from the registry', async ({ skip }) => {
    if (!await haveProjectsNetwork(berth)) skip(NO_NETWORK)
    const { id } = await user.createProject({
      runtime: 'javascript',
      memory: 1024 ** 3,
      files: [
        { path: '.npmrc', content: `registry=${execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' })}` },
        { path: 'berth.json', content: JSON.stringify({ packages: ['is-number', 'left-pad'], run: 'node -p "require(\'is-number\')(42) && require(\'left-pad\')(7, 3, 0)"' }) }
      ]
    })
    onTestFinished(async () => await user.remove(id))
    const run = async (): Promise<string> => {
      const { body } = await user.call<{ id: string }>('POST', `/projects/${id}/run`, {})
      return await (await user.send('GET', `/projects/${id}/processes/${body.id}/logs?follow=true`)).text()
    }
    expect(await run()).toMatch(/added 2 packages[^]*007\r\n$/)
    expect(await run()).toBe('007\r\n')
  }, COMMANDS_MS)

  it('that is not built yet is not started, and says why', async () => {
    const images = await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(process.env)))
    const unbuilt = new Map([...images].map(([name, spec]) => [name, /-(tools|project)$/.test(name) ? { ...spec, reference: `berth/${name}:none` } : spec]))
    const server = await startBerth({ PROJECT_TOOLS: 'on', RUNTIMES: 'python' }, { images: unbuilt })
    onTestFinished(async () => await server.stop())
    const owner = await signUp(server.origin)
    const { id } = await owner.createProject()
    onTestFinished(async () => await owner.remove(id))
    expect(await owner.call('POST', `/projects/${id}/start`)).toMatchObject({ status: 503, body: { code: 'LANGUAGE_NOT_READY', message: 'The image of python is not built yet. Run "make run", or try again until it is' } })
    const { builds } = await (await server.get('/api/builds')).json() as { builds: { image: string, state: string }[] }
    expect(builds.filter(({ image }) => image.startsWith('python-')).map(({ image, state }) => [image, state])).toEqual([['python-tools', 'missing'], ['python-project', 'missing']])
  })
})

function escape (text: string): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
}
