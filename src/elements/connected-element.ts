import { createBerth, type Berth } from '../client/berth.ts'
import type { Key } from '../client/rest/client.ts'

/** Where the script of the elements is from, which is Berth itself as a rule. */
const HOME = new URL(import.meta.url).origin

/**
 * An element that speaks with a Berth. In a page of another origin it waits until somebody says who is asking: by the
 * attribute `key` in pages that only those see who may have it, else by a function in the property `token`.
 */
export abstract class ConnectedElement extends HTMLElement {
  protected readonly root = this.attachShadow({ mode: 'open' })
  #token: Key | undefined
  #stop: (() => void) | undefined

  /** Begins to speak with Berth; returns how to stop. */
  protected abstract start (berth: Berth): () => void

  get token (): Key | undefined { return this.#token }
  set token (token: Key | undefined) {
    this.#token = token
    this.#restart()
  }

  connectedCallback (): void {
    // It may have been set before the element was defined.
    const early = Object.getOwnPropertyDescriptor(this, 'token')?.value as Key | undefined
    if (early !== undefined) {
      Reflect.deleteProperty(this, 'token')
      this.#token = early
    }
    this.#restart()
  }

  disconnectedCallback (): void {
    this.#stop?.()
    this.#stop = undefined
  }

  #restart (): void {
    this.disconnectedCallback()
    const server = new URL(this.getAttribute('server') ?? HOME, location.href).origin
    const key = this.#token ?? this.getAttribute('key') ?? undefined
    if (!this.isConnected || (key === undefined && server !== location.origin)) return
    this.#stop = this.start(createBerth({ url: server, key }))
  }
}
