import { createApi } from '../api/client.ts'
import { find } from '../dom.ts'
import { wireForm } from '../forms.ts'

/**
 * Where a link with a token leads: the form says what it is for. The token is in the fragment, which no server and no log ever
 * sees; it goes from the address at once. A form that names no field for it needs none.
 */
function openLinkPage (): void {
  const token = location.hash.slice(1)
  history.replaceState(null, '', location.pathname)
  const api = createApi(window.fetch.bind(window))
  const form = find(document, 'form', HTMLFormElement)
  const { call = '', field } = form.dataset
  wireForm(form, async (fields) => {
    if (field !== undefined && token === '') throw new Error('Open the whole link that you were given: it ends with # and a token.')
    await api.post(call, field === undefined ? fields : { ...fields, [field]: token })
    location.replace('/')
  })
  find(form, 'input', HTMLInputElement).focus()
}

openLinkPage()
