export interface Operation {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** Names in braces are path parameters. Everything but `_ping` is prefixed with the negotiated version. */
  path: string
  /** `call`: short, read whole. `stream`: a body of any length or duration, in a pool of its own. `hijack`: becomes a raw byte stream. */
  kind: 'call' | 'stream' | 'hijack'
  accepts: readonly number[]
  /** Refusals that mean that the work is done already. */
  alreadySo?: { status: number, message?: RegExp }[]
  deadlineMs?: number
  /** Read whole, but answered only when something has happened, such as the end of a process: not in the pool of short calls. */
  isLong?: boolean
}

export const defaultDeadlineMs = 30_000

// The Engine answers these when its first progress line is ready, after talking to a registry or unpacking a context.
const slowHeadMs = 120_000

const call = (method: Operation['method'], path: string, accepts: number[], more: Partial<Operation> = {}): Operation =>
  ({ method, path, kind: 'call', accepts, ...more })
const stream = (method: Operation['method'], path: string, more: Partial<Operation> = {}): Operation =>
  ({ method, path, kind: 'stream', accepts: [200], ...more })
const hijack = (path: string): Operation =>
  ({ method: 'POST', path, kind: 'hijack', accepts: [101, 200] })

/** Every call that this client makes: where, how, and which answers are good. */
export const operations = {
  ping: call('GET', '/_ping', [200]),
  negotiate: call('HEAD', '/_ping', [200]),
  version: call('GET', '/version', [200]),
  info: call('GET', '/info', [200]),
  events: stream('GET', '/events'),

  containerCreate: call('POST', '/containers/create', [201]),
  containerStart: call('POST', '/containers/{id}/start', [204], { alreadySo: [{ status: 304 }] }),
  containerStop: call('POST', '/containers/{id}/stop', [204], { alreadySo: [{ status: 304 }], isLong: true }),
  containerKill: call('POST', '/containers/{id}/kill', [204], { alreadySo: [{ status: 409 }] }),
  // Without `force`, a running container is also 409, and that is a refusal.
  containerRemove: call('DELETE', '/containers/{id}', [204], { alreadySo: [{ status: 404 }, { status: 409, message: /already in progress/ }] }),
  containerPause: call('POST', '/containers/{id}/pause', [204], { alreadySo: [{ status: 409, message: /already paused/ }] }),
  containerUnpause: call('POST', '/containers/{id}/unpause', [204]),
  containerUpdate: call('POST', '/containers/{id}/update', [200]),
  containerInspect: call('GET', '/containers/{id}/json', [200]),
  containerList: call('GET', '/containers/json', [200]),
  containerTop: call('GET', '/containers/{id}/top', [200]),
  containerStats: call('GET', '/containers/{id}/stats', [200], { isLong: true }),
  containerWait: stream('POST', '/containers/{id}/wait'),
  containerLogs: stream('GET', '/containers/{id}/logs'),
  containerAttach: hijack('/containers/{id}/attach'),
  archiveStat: call('HEAD', '/containers/{id}/archive', [200]),
  archiveGet: stream('GET', '/containers/{id}/archive'),
  archivePut: stream('PUT', '/containers/{id}/archive'),

  execCreate: call('POST', '/containers/{id}/exec', [201]),
  execStart: hijack('/exec/{id}/start'),
  execStartDetached: call('POST', '/exec/{id}/start', [200]),
  execInspect: call('GET', '/exec/{id}/json', [200]),

  imageBuild: stream('POST', '/build', { deadlineMs: slowHeadMs }),
  imageCreate: stream('POST', '/images/create', { deadlineMs: slowHeadMs }),
  imageInspect: call('GET', '/images/{id}/json', [200]),
  imageList: call('GET', '/images/json', [200]),
  imageRemove: call('DELETE', '/images/{id}', [200], { alreadySo: [{ status: 404 }], deadlineMs: 120_000, isLong: true }),

  volumeCreate: call('POST', '/volumes/create', [201]),
  volumeInspect: call('GET', '/volumes/{id}', [200]),
  volumeList: call('GET', '/volumes', [200]),
  volumeRemove: call('DELETE', '/volumes/{id}', [204], { alreadySo: [{ status: 404 }] }),

  networkCreate: call('POST', '/networks/create', [201]),
  networkInspect: call('GET', '/networks/{id}', [200]),
  networkList: call('GET', '/networks', [200]),
  networkRemove: call('DELETE', '/networks/{id}', [204], { alreadySo: [{ status: 404 }] })
} satisfies Record<string, Operation>

export type OperationName = keyof typeof operations
