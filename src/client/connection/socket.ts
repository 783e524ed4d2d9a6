/** What is used of a WebSocket. */
export interface Socket {
  binaryType: string
  addEventListener(type: 'open', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(): void
}
