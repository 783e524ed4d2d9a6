import { signal } from '@preact/signals'
import { ApiError } from '../../client/rest/error.ts'
import type { Api } from '../api/client.ts'
import type { User } from '../api/types.ts'

export type Session = ReturnType<typeof createSession>

/** Who is signed in: undefined as long as that is not known, null for nobody. */
export function createSession (api: Api) {
  const user = signal<User | null | undefined>(undefined)

  return {
    user,
    async load (): Promise<void> {
      try {
        user.value = (await api.get<{ user: User }>('/auth/me')).user
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 401) throw error
        user.value = null
      }
    },
    enter: (next: User): void => { user.value = next },
    async leave (): Promise<void> {
      await api.post('/auth/logout')
      user.value = null
    },
    /** Whoever is no longer signed in is asked to sign in, on the page where they are. */
    heed (error: unknown): void {
      if (error instanceof ApiError && error.code === 'UNAUTHENTICATED') user.value = null
    }
  }
}
