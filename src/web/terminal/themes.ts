import type { ITheme } from '@xterm/xterm'

interface Theme {
  readonly terminal: ITheme
  readonly match: string
  readonly activeMatch: string
}

const light: Theme = {
  terminal: {
    background: '#ffffff',
    foreground: '#17212b',
    cursor: '#0b6e75',
    cursorAccent: '#ffffff',
    selectionBackground: '#b5dfe2',
    black: '#17212b',
    red: '#b3261e',
    green: '#1a7f37',
    yellow: '#8a5a00',
    blue: '#0550ae',
    magenta: '#8250df',
    cyan: '#0b6e75',
    white: '#6b7783',
    brightBlack: '#55626f',
    brightRed: '#cf222e',
    brightGreen: '#2da44e',
    brightYellow: '#9a6700',
    brightBlue: '#0969da',
    brightMagenta: '#a475f9',
    brightCyan: '#1b8f97',
    brightWhite: '#8b96a1'
  },
  match: '#ffe58f',
  activeMatch: '#ffb74d'
}

const dark: Theme = {
  terminal: {
    background: '#182028',
    foreground: '#e4eaef',
    cursor: '#5cc3ca',
    cursorAccent: '#182028',
    selectionBackground: '#31565c',
    black: '#3a4651',
    red: '#ff8a80',
    green: '#56d364',
    yellow: '#e3b341',
    blue: '#79b8ff',
    magenta: '#d2a8ff',
    cyan: '#5cc3ca',
    white: '#c9d3dc',
    brightBlack: '#7d8a97',
    brightRed: '#ffb4ab',
    brightGreen: '#7ee787',
    brightYellow: '#f2cc60',
    brightBlue: '#a5d1ff',
    brightMagenta: '#e2c5ff',
    brightCyan: '#8adde2',
    brightWhite: '#ffffff'
  },
  match: '#5a4a12',
  activeMatch: '#a06a00'
}

export function themeFor (isDark: boolean): Theme {
  return isDark ? dark : light
}
