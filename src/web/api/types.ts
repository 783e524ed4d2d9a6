/** What the pages use of the API's answers. */
export interface User {
  readonly id: string
  readonly email: string | null
}

export interface SignInMethods {
  readonly signUp: 'open' | 'closed'
  readonly passwordMail: boolean
  readonly oidc: { readonly name: string, readonly url: string } | null
}

export type ProjectStatus = 'stopped' | 'starting' | 'running' | 'stopping' | 'error'

export interface Project {
  readonly id: string
  readonly name: string
  readonly runtime: string
  readonly status: ProjectStatus
  readonly error: string | null
}

export interface ProjectDetails {
  readonly status: ProjectStatus
  readonly stopsAt: string | null
  readonly preview: { readonly port: number, readonly url: string | null }
  readonly ports: ReadonlyArray<{ readonly port: number }>
}

export interface Language {
  readonly language: string
  readonly name: string
  readonly version: string
  readonly ready: boolean
}
