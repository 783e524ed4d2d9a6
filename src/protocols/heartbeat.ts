/** Every socket answers the one with the other: a connection can die without being closed. */
export const PING = '{"type":"ping"}'
export const PONG = '{"type":"pong"}'
