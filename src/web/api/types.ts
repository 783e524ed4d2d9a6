/** What the pages use of the API's answers. */
export interface User {
  readonly id: string
  readonly email: string | null
  readonly name: string | null
  readonly role: 'user' | 'teacher' | 'admin'
}

export interface SignInMethods {
  readonly signUp: 'open' | 'closed'
  readonly hasAdministrator: boolean
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
  readonly role: MemberRole | 'owner'
  readonly previews: 'private' | 'public'
  readonly network: 'internet' | 'none'
  /** Bytes. */
  readonly memory: number
  readonly cpus: number
  readonly createdAt: string
  readonly lastActiveAt: string
}

export type MemberRole = 'viewer' | 'editor'

export interface Person {
  readonly id: string
  readonly email: string | null
  readonly name: string | null
}

export interface ProjectDetails {
  readonly status: ProjectStatus
  readonly stopsAt: string | null
  readonly preview: { readonly port: number, readonly url: string | null }
  readonly ports: ReadonlyArray<{ readonly port: number }>
}

export interface Invitation {
  readonly id: string
  readonly project: { readonly name: string }
  readonly owner: { readonly email: string | null }
}

export interface Language {
  readonly language: string
  readonly name: string
  readonly version: string
  readonly ready: boolean
  readonly mainFile: string
  readonly starter: string | null
}

export interface Template {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly runtime: string
  readonly needs: string | null
}
