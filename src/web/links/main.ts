import { createApi } from '../api/client.ts'
import { ApiError } from '../../client/rest/error.ts'
import { find } from '../dom.ts'
import { wireForm } from '../forms.ts'
import { signInUrl } from '../next-page.ts'

/**
 * Where a link with a token leads: the form says what it is for. The token is in the fragment, which no server and no log ever
 * sees; it goes from the address at once. A form that names no field for it needs none.
 */
function openLinkPage (): void {
  const token = location.hash.slice(1) || sessionStorage.getItem(location.pathname) || ''
  sessionStorage.removeItem(location.pathname)
  history.replaceState(null, '', location.pathname)
  const api = createApi(window.fetch.bind(window))
  const form = find(document, 'form', HTMLFormElement)
  const { call = '', field } = form.dataset
  wireForm(form, async (fields) => {
    if (field !== undefined && token === '') throw new Error('Open the whole link that you were given: it ends with # and a token.')
    await api.post(call, field === undefined ? fields : { ...fields, [field]: token }).catch(signInFirst(token))
    location.replace('/')
  })
  find(form, 'input, button', HTMLElement).focus()
}

/** And back here: the token waits in this tab alone. */
function signInFirst (token: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof ApiError && error.code === 'UNAUTHENTICATED') {
      sessionStorage.setItem(location.pathname, token)
      location.assign(signInUrl(location.pathname))
    }
    throw error
  }
}

openLinkPage()
