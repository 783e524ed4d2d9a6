/** Every socket answers the one with the other: a connection can die without being closed. */
export const PING = '{"type":"ping"}'
export const PONG = '{"type":"pong"}'

/** For sockets that have no protocol of their own, as one has to be chosen of those that a client offers. */
export const BERTH_V1 = 'berth.v1'
/** A page cannot set headers of a WebSocket, so that a key may come as one more subprotocol that is offered: this, and the key. */
export const KEY_PROTOCOL = 'berth.key.'
