import { constants } from 'node:os'

const names = new Map<number, string>(Object.entries(constants.signals)
  // Aliases: the name that comes last in the list would win.
  .filter(([name]) => name !== 'SIGIOT' && name !== 'SIGPOLL')
  .map(([name, number]) => [number, name]))

/** `SIGKILL` for 9; real-time signals, which have no names, as `SIGRTMIN+2`. */
export function signalName (number: number): string {
  const first = 34
  return names.get(number) ?? (number >= first ? `SIGRTMIN+${number - first}` : `SIG${number}`)
}

/** Signals with a name that a client may send, real-time ones left out. */
export type SignalName = keyof typeof constants.signals

export const signalNames = [...names.values()] as readonly SignalName[]

export function signalNumber (name: SignalName): number {
  return constants.signals[name]
}
