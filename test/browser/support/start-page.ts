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

/** The entry of a project in the list. */
export const projectItem = (page: Page, name: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) })

export async function createProject (page: Page, name: string, runtime: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByLabel('Runtime').selectOption(runtime)
  await page.getByRole('button', { name: 'Create project' }).click()
  await projectItem(page, name).waitFor()
}
