import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { expectUsable } from './support/axe.ts'
import { createFixture } from './support/fixture.ts'
import { choose, createProject, PASSWORD, projectItem, signUp } from './support/start-page.ts'

const fixture = createFixture()
let page: Page
let email: string

beforeEach(async () => {
  page = await fixture.newPage({ permissions: ['clipboard-read', 'clipboard-write'] })
  email = await signUp(page, fixture.origin)
})

/** Made on the first page, and opened by its menu. Resolves with its id. */
async function openSettings (name: string): Promise<string> {
  await createProject(page, name, 'python')
  await choose(page, `More about ${name}`, 'Settings')
  await page.getByRole('heading', { name: `Settings of ${name}` }).waitFor()
  return /\/p\/([^/]+)\/settings$/.exec(page.url())?.[1] ?? ''
}

const section = (name: string) => page.getByRole('region', { name, exact: true })
const form = (name: string) => page.getByRole('form', { name, exact: true })
const said = async (text: string): Promise<void> => await page.getByRole('status').filter({ hasText: text }).waitFor()
const save = async (name: string): Promise<void> => await form(name).locator('button[type=submit]').click()
const answer = async <T>(path: string, of = page): Promise<T> => await (await of.request.get(fixture.origin + path)).json() as T

async function inside (id: string, cmd: string): Promise<string> {
  const response = await page.request.post(`${fixture.origin}/projects/${id}/exec`, { headers: { Origin: fixture.origin }, data: { cmd } })
  return (await response.json() as { output: string }).output
}

describe('the settings of a project', () => {
  it('rename it, share what it serves, and say at the field what cannot be', async () => {
    const id = await openSettings('before')
    await form('General').getByLabel('Name').fill('after')
    await form('General').getByLabel('Who may see what it serves').selectOption('public')
    await save('General')
    await page.getByRole('heading', { name: 'Settings of after' }).waitFor()
    expect(await answer(`/projects/${id}`)).toMatchObject({ name: 'after', previews: 'public' })

    await form('Container').getByLabel('Memory in MB').fill('99999999')
    await save('Container')
    await form('Container').getByRole('alert').filter({ hasText: /at most \d+ MB/ }).waitFor()
    expect(await form('Container').getByLabel('Memory in MB').getAttribute('aria-invalid')).toBe('true')
    await expectUsable(page)
    await form('Container').getByLabel('Memory in MB').fill('128')
    await form('Container').getByLabel('Network').selectOption('none')
    await save('Container')
    await said('It counts from the next start on')
    expect(await answer(`/projects/${id}`)).toMatchObject({ memory: 128 * 1024 ** 2, network: 'none' })
  })

  it('set variables and secrets, whose values are never shown', async () => {
    const id = await openSettings('variables')
    for (const [name, value] of [['PLAIN', 'for all'], ['OTHER', 'x']] as const) {
      await form('Set a variable').getByLabel('Name').fill(name)
      await form('Set a variable').getByLabel('Value').fill(value)
      await save('Set a variable')
      await section('Environment').getByRole('row', { name: `${name} ${value}` }).waitFor()
    }
    await form('Set a secret').getByLabel('Name').fill('TOKEN')
    await form('Set a secret').getByLabel('Value').fill('only for programs')
    await save('Set a secret')
    await section('Secrets').getByRole('row', { name: /TOKEN set/ }).waitFor()
    await form('Set a variable').getByLabel('Name').fill('BERTH_OWN')
    await save('Set a variable')
    await form('Set a variable').getByRole('alert').filter({ hasText: 'Berth\'s own' }).waitFor()
    expect(await form('Set a variable').getByLabel('Name').getAttribute('aria-invalid')).toBe('true')

    await section('Environment').getByRole('button', { name: 'Delete OTHER' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await section('Environment').getByRole('row', { name: 'OTHER' }).waitFor({ state: 'detached' })
    await page.reload()
    await section('Secrets').getByRole('row', { name: /TOKEN set/ }).waitFor()
    expect(await page.content()).not.toContain('only for programs')
    expect(await inside(id, 'printf "%s|%s|%s" "$PLAIN" "$OTHER" "$TOKEN"')).toBe('for all||only for programs')
  })

  it('invite people and make links, change what members may do, and hand the project to one of them', async () => {
    const id = await openSettings('shared')
    const other = await fixture.newPage()
    const guest = await signUp(other, fixture.origin)
    await form('Invite by email').getByLabel('Email').fill(guest)
    await form('Invite by email').getByLabel('Role').selectOption('viewer')
    await save('Invite by email')
    await section('Invitations').getByRole('row', { name: guest }).waitFor()
    await form('Invite by a link').getByLabel('How many').fill('3')
    await save('Invite by a link')
    await page.getByRole('dialog', { name: 'Invitation' }).getByText(/\/invitation#/).waitFor()
    await expectUsable(page)
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await section('Invitations').getByRole('button', { name: 'Withdraw the invitation for Link' }).click()
    await section('Invitations').getByRole('row', { name: 'Link' }).waitFor({ state: 'detached' })

    await other.reload()
    await other.getByRole('button', { name: 'Join' }).click()
    await projectItem(other, 'shared').waitFor()
    await page.reload()
    await page.getByLabel(`What ${guest} may do`).selectOption('editor')
    await waitFor('the role of the guest', async () => (await answer<{ role: string }>(`/projects/${id}`, other)).role === 'editor')

    await form('Ownership').getByLabel('Member').selectOption({ label: guest })
    await save('Ownership')
    await section('Ownership').getByText(`is offered to ${guest}`).waitFor()
    await other.goto(page.url())
    await other.getByRole('button', { name: 'Take it over' }).click()
    await other.getByRole('form', { name: 'General' }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Leave the project' }).waitFor()
    await expectUsable(page)
    await page.getByRole('button', { name: 'Leave the project' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Leave the project' }).click()
    await page.getByText('No projects yet').waitFor()
    const { members } = await answer<{ members: Array<{ user: { email: string } }> }>(`/projects/${id}/members`, other)
    expect(members.map(({ user }) => user.email)).toEqual([guest])
  })

  it('start services with the project, and end them', async () => {
    await openSettings('served')
    await form('New service').getByLabel('Name').fill('site')
    await form('New service').getByLabel('Command').fill('python3 -m http.server 3000')
    await save('New service')
    const row = section('Services').getByRole('row', { name: /site python3 -m http.server 3000 running/ })
    await row.waitFor()
    await form('New service').getByLabel('Name').fill('site')
    await form('New service').getByLabel('Command').fill('true')
    await save('New service')
    await form('New service').getByRole('alert').filter({ hasText: 'site' }).waitFor()
    await expectUsable(page)
    await row.getByRole('button', { name: 'Delete site' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await section('Services').getByText('No services yet.').waitFor()
  })

  it('delete it when its name is typed, and not before', async () => {
    const id = await openSettings('to go')
    await page.getByRole('button', { name: 'Delete the project' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Type its name, to go').fill('to stay')
    await dialog.getByRole('button', { name: 'Delete the project' }).click()
    await dialog.getByRole('alert').filter({ hasText: 'This is not its name.' }).waitFor()
    await expectUsable(page)
    await dialog.getByLabel('Type its name, to go').fill('to go')
    await dialog.getByRole('button', { name: 'Delete the project' }).click()
    await page.getByText('No projects yet').waitFor()
    expect(await page.evaluate<string>('document.activeElement?.tagName')).toBe('H1')
    expect((await page.request.get(`${fixture.origin}/projects/${id}`)).status()).toBe(404)
  })

  it('are nobody else\'s, and fit on a phone', async () => {
    const id = await openSettings('mine')
    const stranger = await fixture.newPage()
    await signUp(stranger, fixture.origin)
    await stranger.goto(`${fixture.origin}/p/${id}/settings`)
    await stranger.getByRole('heading', { name: 'There is no such page' }).waitFor()
    await page.setViewportSize({ width: 390, height: 700 })
    await section('Secrets').getByText('No secrets yet.').waitFor()
    await expectUsable(page)
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390)
  })

  it('are as good in German, on a phone too', async () => {
    const id = await openSettings('deutsch')
    const german = await fixture.newPage({ locale: 'de-DE', viewport: { width: 390, height: 700 } })
    await german.goto(fixture.origin)
    const form = german.getByRole('form', { name: 'Anmelden' })
    await form.getByLabel('E-Mail').fill(email)
    await form.getByLabel('Passwort').fill(PASSWORD)
    await form.locator('button[type=submit]').click()
    await german.getByRole('heading', { name: 'Projekte' }).waitFor()
    for (const [path, heading] of [[`/p/${id}/settings`, 'Einstellungen von deutsch'], ['/classes', 'Klassen']] as const) {
      await german.goto(fixture.origin + path)
      await german.getByRole('heading', { name: heading }).waitFor()
      await expectUsable(german)
      expect(await german.evaluate<number>('document.documentElement.scrollWidth')).toBe(390)
    }
  })
})
