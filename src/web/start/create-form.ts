import type { Api } from '../api/client.ts'
import { messageOf } from '../../client/rest/error.ts'
import type { Language } from '../api/types.ts'
import { find, showMessage } from '../dom.ts'

/** The form that makes a project. */
export function createProjectForm (form: HTMLFormElement, api: Api, onCreated: () => void) {
  const name = find(form, 'input', HTMLInputElement)
  const runtimes = find(form, 'select', HTMLSelectElement)
  const button = find(form, 'button', HTMLButtonElement)
  let shown: string | undefined
  const problem = find(form, '.problem', HTMLElement)

  async function submit (): Promise<void> {
    button.disabled = true
    showMessage(problem, undefined)
    try {
      await api.post('/projects', { name: name.value.trim(), runtime: runtimes.value })
      name.value = ''
      onCreated()
    } catch (error) {
      showMessage(problem, messageOf(error))
    } finally {
      button.disabled = false
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void submit()
  })

  function showRuntimes (languages: readonly Language[]): void {
    const chosen = runtimes.value
    runtimes.replaceChildren(...languages.map(({ language, name, version, ready }) => {
      const option = new Option(ready ? `${name} ${version}` : `${name} (not built yet)`, language)
      option.disabled = !ready
      return option
    }))
    if (languages.some(({ language, ready }) => ready && language === chosen)) runtimes.value = chosen
  }

  return {
    /** Images are built while the server runs, so this is asked now and then. */
    async refreshRuntimes (): Promise<void> {
      const { languages } = await api.get<{ languages: Language[] }>('/api/languages')
      const news = JSON.stringify(languages)
      // What has not changed stays as it is, or an open list would close.
      if (news !== shown) showRuntimes(languages)
      shown = news
    }
  }
}
