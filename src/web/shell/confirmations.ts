import { signal } from '@preact/signals'

export interface Question {
  readonly title: string
  readonly text: string
  readonly action: string
  readonly answer: (isConfirmed: boolean) => void
}

export type Confirmations = ReturnType<typeof createConfirmations>

/** Asks before something is lost. */
export function createConfirmations () {
  const question = signal<Question | undefined>(undefined)
  return {
    question,
    async ask (texts: Omit<Question, 'answer'>): Promise<boolean> {
      return await new Promise((resolve) => {
        question.value = {
          ...texts,
          answer: (isConfirmed) => {
            question.value = undefined
            resolve(isConfirmed)
          }
        }
      })
    }
  }
}
