import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'

export const PASSWORD = 'correct horse battery'

export const newEmail = (): string => `${randomUUID()}@example.org`

export async function fillIn (page: Page, form: 'Sign in' | 'Create an account', email: string, password: string): Promise<void> {
  const fields = page.getByRole('form', { name: form })
  await fields.getByLabel('Email').fill(email)
  await fields.getByLabel('Password').fill(password)
  await fields.locator('button[type=submit]').click()
}

export async function signUp (page: Page, origin: string, email = newEmail()): Promise<string> {
  await page.goto(origin)
  await page.getByRole('button', { name: 'Create an account' }).click()
  await fillIn(page, 'Create an account', email, PASSWORD)
  await page.getByRole('heading', { name: 'Projects' }).waitFor()
  return email
}

/** Chooses from the menu of that name. */
export async function choose (page: Page, menu: string | RegExp, item: string): Promise<void> {
  await page.getByRole('button', { name: menu }).click()
  await page.getByRole('menu').getByText(item, { exact: true }).click()
}

export const signOut = async (page: Page): Promise<void> => await choose(page, /^Account of /, 'Sign out')

/** The entry of a project in the list. */
export const projectItem = (page: Page, name: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) })

/** An empty one. */
export async function createProject (page: Page, name: string, runtime: string): Promise<void> {
  await page.getByRole('button', { name: 'New project' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByLabel('Runtime').selectOption(runtime)
  await dialog.getByLabel('With a first program').uncheck()
  await dialog.getByRole('button', { name: 'Create project' }).click()
  await projectItem(page, name).waitFor()
}
