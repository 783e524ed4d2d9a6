import { createError } from '@fastify/error'

/**
 * The catalogue: every error that a client can be told, by code. The messages say what to do about it.
 * Thrown by services and routes, turned into the contract's shape by plugins/error-handler.ts.
 */
export const errors = {
  UNAUTHENTICATED: createError('UNAUTHENTICATED', 'Sign in, or send a key as "X-API-Key: brt_…" or "Authorization: Bearer brt_…"', 401),
  BAD_CREDENTIALS: createError('BAD_CREDENTIALS', 'The email or the password is wrong', 401),
  EMAIL_TAKEN: createError('EMAIL_TAKEN', 'There is an account with this email already. Sign in instead', 409),
  SIGNUP_CLOSED: createError('SIGNUP_CLOSED', 'This server does not take new accounts', 403),
  COMMON_PASSWORD: createError('COMMON_PASSWORD', 'This password is among the first that somebody would try. Take another one, such as four words that do not belong together', 400),
  ORIGIN_NOT_ALLOWED: createError('ORIGIN_NOT_ALLOWED', 'With the cookie, such a request must come from this server\'s own pages or from an origin in CORS_ORIGINS. Send a key instead', 403),
  KEY_NOT_FOUND: createError('KEY_NOT_FOUND', 'There is no such key. GET /auth/keys lists yours', 404),
  KEY_PREDEFINED: createError('KEY_PREDEFINED', 'This key is given by the server\'s configuration and is replaced there: API_KEY, or the file api-key in DATA_DIR', 409),
  RATE_LIMITED: createError('RATE_LIMITED', 'Too many requests. Retry-After says in how many seconds to try again', 429),
  ADMIN_ONLY: createError('ADMIN_ONLY', 'This is for administrators: use a key of one', 403),
  UNKNOWN_LANGUAGE: createError<[string, string]>('UNKNOWN_LANGUAGE', 'Unknown language "%s". Known languages: %s', 400),
  UNKNOWN_VERSION: createError<[string, string, string]>('UNKNOWN_VERSION', 'No version of %s matches "%s". Installed: %s', 400),
  BAD_LIMIT: createError<[string, string]>('BAD_LIMIT', '%s is outside what this server allows: %s', 400),
  BAD_PATH: createError<[string, string]>('BAD_PATH', 'The path %s %s', 400),
  BAD_REQUEST: createError<[string]>('BAD_REQUEST', '%s', 400),
  POLICY: createError<[string]>('POLICY', 'This server does not take such programs. %s', 400),
  TOO_LARGE: createError<[string]>('TOO_LARGE', '%s', 413),
  SESSION_NOT_FOUND: createError('SESSION_NOT_FOUND', 'There is no such session, or no longer', 404),
  NOT_RUNNING: createError('NOT_RUNNING', 'The program does not run now', 409),
  INPUT_CLOSED: createError('INPUT_CLOSED', 'The standard input of this program has been closed, or was never open: ask for "interactive": true', 409),
  INPUT_OVERFLOW: createError<[number]>('INPUT_OVERFLOW', 'The program has not read the %d bytes that were sent before. Nothing of this was passed on', 409),
  BAD_MESSAGE: createError<[string]>('BAD_MESSAGE', 'This is no message for a session: %s', 400),
  QUEUE_FULL: createError('QUEUE_FULL', 'Too many runs are waiting. Try again in a few seconds', 429),
  LANGUAGE_NOT_READY: createError<[string]>('LANGUAGE_NOT_READY', 'The image of %s is not built yet. Run "make run", or ask GET /api/languages until it is ready', 503),
  ENGINE_UNAVAILABLE: createError('ENGINE_UNAVAILABLE', 'The container engine does not answer. Try again in a few seconds', 503),
  DATABASE_UNAVAILABLE: createError('DATABASE_UNAVAILABLE', 'The database does not answer. Try again in a few seconds', 503),
  SHUTTING_DOWN: createError('SHUTTING_DOWN', 'The server is stopping. Try again in a few seconds', 503),
  PROJECT_NOT_FOUND: createError('PROJECT_NOT_FOUND', 'There is no such project. GET /projects lists yours', 404),
  PROJECT_QUOTA: createError<[number]>('PROJECT_QUOTA', 'You have %d projects, which is all you can have. Delete one first', 429),
  PROJECT_BUSY: createError('PROJECT_BUSY', 'Something else is being done to this project. Try again in a few seconds', 503),
  PROJECT_STOPPED: createError('PROJECT_STOPPED', 'The project\'s container ended meanwhile. GET /projects/:id/status says why', 409),
  PROJECT_START_FAILED: createError<[string]>('PROJECT_START_FAILED', '%s', 500),
  TERMINAL_NOT_FOUND: createError('TERMINAL_NOT_FOUND', 'There is no such terminal any more. Open a new one', 404),
  TERMINAL_QUOTA: createError<[string, number]>('TERMINAL_QUOTA', '%s has %d terminals open, which is all there can be. End one first', 429),
  TERMINAL_START_FAILED: createError<[string]>('TERMINAL_START_FAILED', 'The terminal could not be started: %s', 500),
  BAD_CONTROL: createError('BAD_CONTROL', 'A text frame is a control message: resize, ack or ping. Terminal bytes are binary frames', 400),
  UPGRADE_REQUIRED: createError('UPGRADE_REQUIRED', 'This is a WebSocket: ask for an upgrade', 426),
  PREVIEW_NOT_FOUND: createError('PREVIEW_NOT_FOUND', 'No preview has this name. It is <port>--<project id>, in lower case, below the domain of previews', 404),
  PREVIEW_UNREACHABLE: createError<[string]>('PREVIEW_UNREACHABLE', '%s', 502),
  PREVIEW_TIMEOUT: createError<[number]>('PREVIEW_TIMEOUT', 'What listens on port %d took the request and did not answer in time', 504),
  PREVIEW_BUSY: createError('PREVIEW_BUSY', 'Too many connections to this project are open. Close some, or try again in a few seconds', 503),
  PREVIEW_NOT_RUNNING: createError<[string]>('PREVIEW_NOT_RUNNING', 'The project does not run: it is %s. Its owner can start it by POST /projects/:id/start', 503),
  HANDOVER_EXPIRED: createError('HANDOVER_EXPIRED', 'Such a link works once and not for long. Open the preview again', 403),
  RUN_FAILED: createError('RUN_FAILED', 'The sandbox failed while it ran this program. Try again; if it happens again, the server\'s log has the reason under this request id', 500)
}

/** Seconds after which a client may try again, sent as Retry-After with every 429 and 503. */
export const retryAfterSeconds = 2
