import { describe, expect, it } from 'vitest'
import { isTerminalReply } from '../../../src/client/terminal/terminal-reply.ts'

describe('what xterm.js reports as input', () => {
  it.each([
    ['primary device attributes', '\x1b[?1;2c'],
    ['secondary device attributes', '\x1b[>0;276;0c'],
    ['status', '\x1b[0n'],
    ['cursor position', '\x1b[24;80R'],
    ['private cursor position', '\x1b[?24;80R'],
    ['a mode', '\x1b[?2004;1$y'],
    ['the size of the window', '\x1b[8;24;80t'],
    ['the focus', '\x1b[I'],
    ['a colour', '\x1b]11;rgb:0000/0000/0000\x1b\\'],
    ['a setting', '\x1bP1$r0m\x1b\\']
  ])('is a reply: %s', (_, data) => expect(isTerminalReply(data)).toBe(true))

  it.each([
    ['a letter', 'c'],
    ['a cursor key', '\x1b[A'],
    ['a cursor key with Ctrl', '\x1b[1;5D'],
    ['a function key', '\x1b[15~'],
    ['a key of the application keypad', '\x1bOP'],
    ['Escape', '\x1b'],
    ['Alt and a letter', '\x1bc'],
    ['a bracketed paste', '\x1b[200~0n\x1b[201~'],
    ['a mouse report', '\x1b[<0;10;5M']
  ])('is typed: %s', (_, data) => expect(isTerminalReply(data)).toBe(false))
})
