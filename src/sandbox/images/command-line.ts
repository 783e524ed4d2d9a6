import { posix } from 'node:path'

export interface Substitutions {
  /** Path of the main file. */
  readonly main: string
  /** Paths of all files of the program. */
  readonly files: readonly string[]
  readonly memoryBytes: number
}

/**
 * Fills a command of runtime.json in. `{sources}` is a word of its own and becomes as many as there are files with the
 * main file's extension, that one last: the order that compilers want which read modules before they are used.
 */
export function expandCommand (command: readonly string[], { main, files, memoryBytes }: Substitutions): [string, ...string[]] {
  const extension = posix.extname(main)
  const mainFile = optionSafe(main)
  const others = files.filter((file) => file !== main && posix.extname(file) === extension)
  const values: Readonly<Record<string, string>> = {
    main: mainFile,
    stem: mainFile.slice(0, mainFile.length - extension.length),
    memoryMb: String(Math.floor(memoryBytes / 1024 ** 2))
  }
  const [program = '', ...rest] = command.flatMap((word) => word === '{sources}'
    ? [...others.map(optionSafe), mainFile]
    // In one pass: a file may have the name of a placeholder.
    : [word.replaceAll(/\{(main|stem|memoryMb)\}/g, (placeholder, name: string) => values[name] ?? placeholder)])
  return [program, ...rest]
}

/** A file such as "-c.py" would be read as an option. */
function optionSafe (path: string): string {
  return path.startsWith('-') ? `./${path}` : path
}
