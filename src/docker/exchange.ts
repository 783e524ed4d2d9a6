import type { Dispatcher } from 'undici'
import type { CallScope } from './call-scope.ts'

export type Headers = Record<string, string | string[] | undefined>

export interface WholeResponse {
  status: number
  headers: Headers
  text: string
}

/**
 * Sends a request and reads the answer whole. Straight on undici's dispatch, which spares an ordinary call the body stream
 * that `request` makes. Rejects as soon as the scope is aborted, also while the request waits for a connection.
 */
export function exchangeWhole (dispatcher: Dispatcher, request: Dispatcher.DispatchOptions, scope: CallScope): Promise<WholeResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let status = 0
    let headers: Headers = {}
    let controller: Dispatcher.DispatchController | undefined
    scope.onAbort((reason) => {
      controller?.abort(reason)
      reject(reason)
    })
    if (scope.reason() !== undefined) return
    dispatcher.dispatch(request, {
      onRequestStart (started) {
        controller = started
        const reason = scope.reason()
        if (reason !== undefined) started.abort(reason)
      },
      onResponseStart (_controller, statusCode, responseHeaders) {
        status = statusCode
        headers = responseHeaders
      },
      onResponseData (_controller, chunk) {
        chunks.push(chunk)
      },
      onResponseEnd () {
        resolve({ status, headers, text: textOf(chunks) })
      },
      onResponseError (_controller, error) {
        reject(error)
      }
    })
  })
}

/** Sends a request and hands out the answer's body as it comes; an abort of the scope ends that, too. */
export function exchangeStream (dispatcher: Dispatcher, request: Dispatcher.RequestOptions, scope: CallScope): Promise<Dispatcher.ResponseData> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController()
    scope.onAbort((reason) => {
      controller.abort(reason)
      // undici itself rejects an aborted request only once it has a connection for it.
      reject(reason)
    })
    if (scope.reason() !== undefined) return
    dispatcher.request({ ...request, signal: controller.signal }).then(resolve, reject)
  })
}

function textOf (chunks: Buffer[]): string {
  const [only] = chunks
  return (chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)).toString('utf8')
}
