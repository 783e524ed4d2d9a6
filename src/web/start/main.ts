import { createApi } from '../api/client.ts'
import { ApiError, messageOf } from '../../client/rest/error.ts'
import type { User } from '../api/types.ts'
import { find, showMessage } from '../dom.ts'
import { nextPage } from '../next-page.ts'
import { poll, type Poll } from '../poll.ts'
import { createProjectForm } from './create-form.ts'
import { createGate } from './gate.ts'
import { createProjectList } from './project-list.ts'

const REFRESH_MS = 3_000

function openStartPage (): void {
  let updates: Poll | undefined
  const api = createApi(window.fetch.bind(window))
  const notice = find(document, '#notice', HTMLElement)
  const account = find(document, '#account', HTMLElement)
  const home = find(document, '#home', HTMLElement)
  const gate = createGate(find(document, '#gate', HTMLElement), api, openHome)
  const list = createProjectList(document, api, () => updates?.now())
  const form = createProjectForm(find(document, '#create', HTMLFormElement), api, () => updates?.now())

  /** Shows what went wrong; whoever is no longer signed in is asked to sign in. */
  function report (error: unknown): void {
    if (error instanceof ApiError && error.status === 401) openGate()
    else showMessage(notice, messageOf(error))
  }

  async function refresh (): Promise<void> {
    try {
      await Promise.all([list.refresh(), form.refreshRuntimes()])
      showMessage(notice, undefined)
    } catch (error) {
      report(error)
    }
  }

  function openHome (user: User): void {
    const next = nextPage(location.search, location.origin)
    if (next !== undefined) {
      location.replace(next)
      return
    }
    gate.close()
    showMessage(notice, undefined)
    find(account, '#account-email', HTMLElement).textContent = user.email
    account.hidden = home.hidden = false
    updates = poll(refresh, REFRESH_MS)
  }

  function openGate (): void {
    updates?.stop()
    list.clear()
    account.hidden = home.hidden = true
    gate.open()
  }

  find(account, '#sign-out', HTMLButtonElement).addEventListener('click', () => {
    api.post('/auth/logout').then(openGate, report)
  })

  api.get<{ user: User }>('/auth/me').then(({ user }) => openHome(user), report)
}

openStartPage()
