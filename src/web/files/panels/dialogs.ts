import { find, showMessage } from '../../dom.ts'
import { problemWithName } from '../../../client/files/paths.ts'

export interface Question {
  readonly title: string
  readonly text: string
  /** What the button says that goes on. */
  readonly action: string
}

export type Confirm = (question: Question) => Promise<boolean>

async function outcomeOf (dialog: HTMLDialogElement): Promise<boolean> {
  dialog.returnValue = ''
  dialog.showModal()
  return await new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
  })
}

/** Asks before something is lost. */
export function createConfirm (dialog: HTMLDialogElement): Confirm {
  return async ({ title, text, action }) => {
    find(dialog, '#confirm-title', HTMLElement).textContent = title
    find(dialog, '#confirm-text', HTMLElement).textContent = text
    find(dialog, '#confirm-yes', HTMLButtonElement).textContent = action
    return await outcomeOf(dialog)
  }
}

export interface PathQuestion {
  readonly title: string
  readonly value: string
  readonly action: string
}

export type AskPath = (question: PathQuestion) => Promise<string | undefined>

/** Asks for a path, with the name in it selected. */
export function createAskPath (dialog: HTMLDialogElement): AskPath {
  const form = find(dialog, 'form', HTMLFormElement)
  const input = find(dialog, 'input', HTMLInputElement)
  const problem = find(dialog, '.problem', HTMLElement)

  form.addEventListener('submit', (event) => {
    const reason = problemWithName(input.value)
    if (reason !== undefined) event.preventDefault()
    showMessage(problem, reason)
  })
  find(dialog, '.cancel', HTMLButtonElement).addEventListener('click', () => dialog.close(''))

  return async ({ title, value, action }) => {
    find(dialog, '#ask-title', HTMLElement).textContent = title
    find(dialog, '#ask-yes', HTMLButtonElement).textContent = action
    showMessage(problem, undefined)
    input.value = value
    const outcome = outcomeOf(dialog)
    input.setSelectionRange(value.lastIndexOf('/') + 1, value.length)
    return await outcome ? input.value : undefined
  }
}
