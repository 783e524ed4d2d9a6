/** A word for the shell of the sandbox, whose user says it. */
export function quote (word: string): string {
  return /^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll('\'', '\'\\\'\'')}'`
}

/** A line that does that. */
export function toLine (command: string | readonly string[]): string {
  return typeof command === 'string' ? command : `exec ${command.map(quote).join(' ')}`
}
