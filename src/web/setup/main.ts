import { createApi } from '../api/client.ts'
import { find } from '../dom.ts'
import { wireForm } from '../forms.ts'

/** The token is in the fragment, which no server and no log ever sees; it goes from the address at once. */
function openSetupPage (): void {
  const token = location.hash.slice(1)
  history.replaceState(null, '', location.pathname)
  const api = createApi(window.fetch.bind(window))
  const form = find(document, '#set-up', HTMLFormElement)
  wireForm(form, async (fields) => {
    if (token === '') throw new Error('Open the whole link that the server printed at its start: it ends with # and a token.')
    await api.post('/auth/setup', { token, ...fields })
    location.replace('/')
  })
  find(form, 'input', HTMLInputElement).focus()
}

openSetupPage()
