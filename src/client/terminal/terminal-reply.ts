const ESCAPE = '\x1b'
const csiReply = /^\[[?>=]?[\d;]*\$?[cnRtuyIO]$/
const stringReply = /^[\]P_]/

/**
 * Whether this is what a terminal answers to a query (device attributes, cursor position, colours, modes, focus), not what
 * somebody typed. xterm.js reports both by one event. F3 with a modifier has the form of a cursor position: that key is
 * taken for a reply.
 */
export function isTerminalReply (data: string): boolean {
  const rest = data.slice(1)
  return data.startsWith(ESCAPE) && (csiReply.test(rest) || stringReply.test(rest))
}
