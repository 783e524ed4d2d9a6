import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import type { User } from '../../src/auth/accounts/schemas.ts'
import { withKey } from '../live/support/client.ts'
import { waitFor } from '../support/wait-for.ts'
import { expectUsable } from './support/axe.ts'
import { createFixture } from './support/fixture.ts'
import { createProject, fillIn, PASSWORD, projectItem, signUp } from './support/start-page.ts'
import { terminalPage } from './support/terminal-page.ts'

const fixture = createFixture()
let teacher: Page

/** Whoever signs up is a user at first, and is signed out when that changes. */
async function signUpTeacher (page: Page): Promise<void> {
  const email = await signUp(page, fixture.origin)
  const { user } = await (await page.request.get(`${fixture.origin}/auth/me`)).json() as { user: User }
  await withKey(fixture.origin, fixture.berth.key).call('PATCH', `/api/users/${user.id}`, { role: 'teacher' })
  await page.reload()
  await fillIn(page, 'Sign in', email, PASSWORD)
  await page.getByRole('link', { name: 'Classes' }).waitFor()
}

beforeEach(async () => {
  teacher = await fixture.newPage({ acceptDownloads: true })
  await signUpTeacher(teacher)
})

/** Resolves with the link. */
async function assign (name: string, project: string, dueAt = ''): Promise<string> {
  await createProject(teacher, project, 'python')
  await teacher.getByRole('link', { name: 'Classes' }).click()
  const form = teacher.getByRole('form', { name: 'New assignment' })
  await form.getByLabel('Name').fill(name)
  await form.getByLabel('From the project').selectOption({ label: project })
  await form.getByLabel('Due').fill(dueAt)
  await form.getByRole('button', { name: 'Make assignment' }).click()
  const dialog = teacher.getByRole('dialog', { name: 'Link of the assignment' })
  const link = await dialog.getByText(/\/assignment#/).textContent() ?? ''
  await expectUsable(teacher)
  await dialog.getByRole('button', { name: 'Close' }).click()
  return link
}

/** A student with a copy. Resolves with their email. */
async function open (student: Page, link: string, name: string): Promise<string> {
  const email = await signUp(student, fixture.origin)
  await student.goto(link)
  await student.getByRole('button', { name: 'Open my copy' }).click()
  await projectItem(student, name).waitFor()
  return email
}

async function copiesOf (student: Page): Promise<Array<{ project: string }>> {
  return (await (await student.request.get(`${fixture.origin}/assignments/copies`)).json() as { copies: Array<{ project: string }> }).copies
}

const roster = () => teacher.getByRole('group', { name: 'Who has opened it' })
const said = async (text: string): Promise<void> => await teacher.getByRole('status').filter({ hasText: text }).waitFor()

describe('classes', () => {
  it('give out a project by a link, show who has opened it and when, and lead into their work', async () => {
    const link = await assign('Sorting', 'sorting', '2000-01-02T12:00')
    const student = await fixture.newPage()
    const email = await open(student, link, 'Sorting')
    await projectItem(student, 'Sorting').getByText('due Jan 2, 2000').waitFor()
    await student.goto(`${fixture.origin}/classes`)
    await student.getByRole('row', { name: /Sorting Jan 2, 2000/ }).waitFor()
    await expectUsable(student)

    await teacher.getByRole('link', { name: 'Sorting' }).click()
    await roster().getByRole('row', { name: email }).getByText('after it was due').waitFor()
    await expectUsable(teacher)
    await teacher.setViewportSize({ width: 390, height: 700 })
    await expectUsable(teacher)
    expect(await teacher.evaluate<number>('document.documentElement.scrollWidth')).toBe(390)
    await teacher.getByRole('link', { name: `Files of ${email}` }).click()
    const [copy] = await copiesOf(student)
    await teacher.waitForURL((url) => url.href.includes(copy?.project ?? 'nothing'))
  })

  it('let a teacher look into the terminal of one of two students, take a snapshot of each, and collect the work', async () => {
    const link = await assign('Collected', 'collected')
    const emails: string[] = []
    for (const name of ['first', 'second']) {
      const student = await fixture.newPage()
      emails.push(await open(student, link, 'Collected'))
      const [copy] = await copiesOf(student)
      const put = await student.request.put(`${fixture.origin}/projects/${copy?.project}/files/answer.py`, { headers: { Origin: fixture.origin, 'Content-Type': 'application/octet-stream' }, data: `print("by the ${name}")` })
      expect(put.status()).toBe(201)
    }

    await teacher.getByRole('link', { name: 'Collected' }).click()
    for (const email of emails) await roster().getByRole('row', { name: email }).waitFor()
    await teacher.getByRole('link', { name: `Terminal of ${emails[1]}` }).click()
    const terminal = terminalPage(teacher)
    await terminal.ready()
    await terminal.run('python3 answer.py')
    await terminal.shows(/^by the second$/m)
    await teacher.goBack()
    await teacher.getByRole('button', { name: 'Snapshot of each' }).click()
    await said('2 snapshots taken.')
    await teacher.getByRole('button', { name: 'Collect the work' }).click()
    await expectUsable(teacher)
    const [download] = await Promise.all([teacher.waitForEvent('download'), teacher.getByRole('dialog').getByRole('button', { name: 'Download' }).click()])
    expect(download.suggestedFilename()).toBe('Collected.tar.gz')
    const archive = gunzipSync(await readFile(await download.path())).toString('latin1')
    expect(archive).toContain('answer.py')
    for (const name of ['first', 'second']) expect(archive).toContain(`print("by the ${name}")`)
  })

  it('are renamed, closed and deleted, and have a new link', async () => {
    const link = await assign('Before', 'renamed')
    await teacher.getByRole('link', { name: 'Before' }).click()
    const form = teacher.getByRole('form', { name: 'Assignment' })
    await form.getByLabel('Name').fill('After')
    await form.getByLabel('Closed').check()
    await form.getByRole('button', { name: 'Save' }).click()
    await teacher.getByRole('heading', { name: 'After' }).waitFor()
    const student = await fixture.newPage()
    await signUp(student, fixture.origin)
    await student.goto(link)
    await student.getByRole('button', { name: 'Open my copy' }).click()
    await student.getByRole('alert').filter({ hasText: 'This assignment is closed' }).waitFor()

    await teacher.getByRole('button', { name: 'New link' }).click()
    await teacher.getByRole('dialog').getByRole('button', { name: 'New link' }).click()
    const dialog = teacher.getByRole('dialog', { name: 'Link of the assignment' })
    expect(await dialog.getByText(/\/assignment#/).textContent()).not.toBe(link)
    await dialog.getByRole('button', { name: 'Close' }).click()
    await teacher.getByRole('button', { name: 'Delete the assignment' }).click()
    await teacher.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await teacher.getByText('No assignments yet').waitFor()
    expect(await teacher.evaluate<string>('document.activeElement?.tagName')).toBe('H1')
  })

  it('are nothing for whoever teaches nobody', async () => {
    await assign('Hidden', 'hidden')
    await teacher.getByRole('link', { name: 'Hidden' }).click()
    await teacher.getByRole('heading', { name: 'Hidden' }).waitFor()
    const stranger = await fixture.newPage()
    await signUp(stranger, fixture.origin)
    await waitFor('the page of a stranger', async () => await stranger.getByRole('link', { name: 'Playground' }).isVisible())
    expect(await stranger.getByRole('link', { name: 'Classes' }).count()).toBe(0)
    await stranger.goto(teacher.url())
    await stranger.getByText('You have opened no assignment').waitFor()
    const other = await fixture.newPage()
    await signUpTeacher(other)
    await other.goto(teacher.url())
    await other.getByRole('heading', { name: 'There is no such page' }).waitFor()
  })
})
