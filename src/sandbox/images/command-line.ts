import { posix } from 'node:path'

export interface Substitutions {
  /** Path of the main file. */
  readonly main: string
  /** Paths of the other sources. */
  readonly companions: readonly string[]
  readonly memoryBytes: number
  /** Where the compiler puts what it makes; default `/tmp`. */
  readonly out?: string
}

const MIB = 1024 ** 2
// Of the memory limit. What a runtime needs beside its heap, and beside a stack that is used up, must fit as well.
const HEAP_SHARE = 0.9
// With more, Java is out of memory before a recursion without end is out of stack, which the program could catch.
const STACK_SHARE = 0.125
// The largest that Java takes is 1 GiB.
const MAX_STACK_KIB = 1_000_000

/**
 * Fills a command of runtime.json in. `{sources}` is a word of its own and becomes as many as there are sources, the main
 * file last: the order that compilers want which read modules before they are used.
 */
export function expandCommand (command: readonly string[], { main, companions, memoryBytes, out = '/tmp' }: Substitutions): [string, ...string[]] {
  const mainFile = optionSafe(main)
  const values: Readonly<Record<string, string>> = {
    main: mainFile,
    stem: mainFile.slice(0, mainFile.length - posix.extname(main).length),
    out,
    ...memoryValues(memoryBytes)
  }
  const [program = '', ...rest] = command.flatMap((word) => word === '{sources}'
    ? [...companions.map(optionSafe), mainFile]
    : [fillIn(word, values)])
  return [program, ...rest]
}

/** Fills the memory's placeholders in a runtime.json's variables in. */
export function expandEnvironment (env: Readonly<Record<string, string>>, memoryBytes: number): Record<string, string> {
  const values = memoryValues(memoryBytes)
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fillIn(value, values)]))
}

function memoryValues (memoryBytes: number): Record<string, string> {
  return {
    memoryMb: String(Math.floor(memoryBytes / MIB)),
    heapMb: String(Math.floor(memoryBytes / MIB * HEAP_SHARE)),
    stackKb: String(Math.min(MAX_STACK_KIB, Math.floor(memoryBytes / 1024 * STACK_SHARE)))
  }
}

// In one pass: a file may have the name of a placeholder.
function fillIn (word: string, values: Readonly<Record<string, string>>): string {
  return word.replaceAll(/\{(main|stem|out|memoryMb|heapMb|stackKb)\}/g, (placeholder, name: string) => values[name] ?? placeholder)
}

/** A file such as "-c.py" would be read as an option. */
function optionSafe (path: string): string {
  return path.startsWith('-') ? `./${path}` : path
}
