import { messageOf, type Api } from '../api/client.ts'
import type { Language } from '../api/types.ts'
import { find, showMessage } from '../dom.ts'

/** The form that makes a project. */
export function createProjectForm (form: HTMLFormElement, api: Api, onCreated: () => void) {
  const name = find(form, 'input', HTMLInputElement)
  const runtimes = find(form, 'select', HTMLSelectElement)
  const button = find(form, 'button', HTMLButtonElement)
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

  return {
    async loadRuntimes (): Promise<void> {
      const { languages } = await api.get<{ languages: Language[] }>('/api/languages')
      runtimes.replaceChildren(...languages.map(({ language, name, version, ready }) => {
        const option = new Option(ready ? `${name} ${version}` : `${name} (not built yet)`, language)
        option.disabled = !ready
        return option
      }))
    }
  }
}
