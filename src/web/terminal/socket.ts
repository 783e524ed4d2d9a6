/** What is used of a WebSocket. */
export interface Socket {
  binaryType: string
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: ((event: { readonly code: number, readonly reason: string }) => void) | null
  send: (data: string | Uint8Array<ArrayBuffer>) => void
  close: () => void
}
