// The numbers of sandbox-images/agent/PROTOCOL.md, under the names it gives them.

export const PROTOCOL_VERSION = 3

/** Most bytes of payload in one frame. */
export const MAX_PAYLOAD = 65_536

/** Bytes each stream of a new channel may carry before the receiver gives more. */
export const INITIAL_CREDIT = 262_144

export const HEADER_BYTES = 8

export const FrameType = {
  HELLO: 1,
  OPEN: 2,
  DATA: 3,
  END: 4,
  CREDIT: 5,
  SIGNAL: 6,
  CANCEL: 7,
  EVENT: 8,
  RESULT: 9,
  ERROR: 10,
  PING: 11,
  PONG: 12
} as const

export const Operation = {
  RUN: 1,
  RESET: 5,
  STAT: 16,
  LIST: 17,
  READ: 18,
  WRITE: 19,
  MKDIR: 20,
  MOVE: 21,
  COPY: 22,
  REMOVE: 23,
  LINK: 24,
  USAGE: 25,
  WATCH: 26,
  FIND: 27,
  SYNC: 28,
  SPACE: 29,
  PORTS: 32,
  DIAL: 33,
  START: 48,
  ATTACH: 49,
  CONTROL: 50,
  PROCESSES: 51,
  KILL: 52,
  FOLLOW: 53
} as const

const operationNames = new Map<number, string>(Object.entries(Operation).map(([name, code]) => [code, name]))

/** Of what an OPEN frame carries. */
export function operationName (opening: Uint8Array): string {
  return operationNames.get(opening[0] ?? 0) ?? 'unknown'
}

export const EventKind = {
  STARTED: 1,
  WAITING_FOR_INPUT: 2,
  CONNECTED: 3,
  FILE: 4,
  ACCEPTED: 5,
  WATCHING: 6,
  OVERFLOW: 7,
  POSITION: 8,
  CHANGED: 9,
  SIZE: 10
} as const

export const ErrorCode = {
  PROTOCOL: 1,
  VERSION: 2,
  BUSY: 3,
  BAD_REQUEST: 4,
  SPAWN: 5,
  BAD_PATH: 6,
  NOT_FOUND: 7,
  NO_SPACE: 8,
  IO: 9,
  RESET: 10,
  CANCELLED: 11,
  REFUSED: 12,
  EXISTS: 13,
  PRECONDITION: 14,
  TOO_LARGE: 15,
  SPECIAL: 16,
  DENIED: 17,
  NOT_EMPTY: 18,
  WATCH_LIMIT: 19,
  TOO_DEEP: 20
} as const

/** One of the numbers of such a table: `ValueOf<typeof ErrorCode>`. */
export type ValueOf<Table> = Table[keyof Table]
