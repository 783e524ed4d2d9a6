import type { Commands } from './command.ts'

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const texts = { type: 'string', multiple: true } as const

/** What each does is loaded when it is asked for: a server needs none of it. */
export const operatorCommands: Commands = {
  doctor: {
    usage: 'doctor [--json]',
    summary: 'what is wrong with this machine, and what to do about it; ends with 1 where something is broken',
    words: [0, 0],
    options: { json: flag },
    run: async (given, surroundings) => await (await import('./doctor/command.ts')).doctor(given, surroundings)
  },
  backup: {
    usage: 'backup <file> [--recipient age1…]… [--without-snapshots]',
    summary: 'database, keys and snapshots in one file, while the server runs; - writes it to standard output',
    words: [1, 1],
    options: { recipient: texts, 'without-snapshots': flag },
    run: async (given, surroundings) => await (await import('./backup/command.ts')).backup(given, surroundings)
  },
  'backup-key': {
    usage: 'backup-key <file>',
    summary: 'make a key pair: the file opens backups, and what is printed encrypts them',
    words: [1, 1],
    run: async (given, surroundings) => await (await import('./backup/command.ts')).backupKey(given, surroundings)
  },
  restore: {
    usage: 'restore <file> [--identity-file <file>] [--check] [--adopt]',
    summary: 'make an empty database and DATA_DIR what a backup was; --check only reads it',
    words: [1, 1],
    options: { 'identity-file': text, check: flag, adopt: flag },
    run: async (given, surroundings) => await (await import('./backup/command.ts')).restore(given, surroundings)
  },
  'users list': {
    usage: 'users list [--json]',
    summary: 'all accounts of the running server',
    words: [0, 0],
    options: { json: flag },
    run: async (given, surroundings) => await (await import('./users/commands.ts')).listUsers(given, surroundings)
  },
  'users add': {
    usage: 'users add <email> [--role admin] [--name <name>] [--password-stdin]',
    summary: 'a link that makes the account, or the account itself with the password from standard input',
    words: [1, 1],
    options: { role: text, name: text, 'password-stdin': flag },
    run: async (given, surroundings) => await (await import('./users/commands.ts')).addUser(given, surroundings)
  },
  'users reset-password': {
    usage: 'users reset-password <email> [--password-stdin]',
    summary: 'a link that sets a new password, or a new password from standard input',
    words: [1, 1],
    options: { 'password-stdin': flag },
    run: async (given, surroundings) => await (await import('./users/commands.ts')).resetPassword(given, surroundings)
  },
  'users disable': {
    usage: 'users disable <email>',
    summary: 'keep somebody out, at once; projects stop and stay',
    words: [1, 1],
    run: async (given, surroundings) => await (await import('./users/commands.ts')).setDisabled(true, given, surroundings)
  },
  'users enable': {
    usage: 'users enable <email>',
    summary: 'let somebody in again',
    words: [1, 1],
    run: async (given, surroundings) => await (await import('./users/commands.ts')).setDisabled(false, given, surroundings)
  },
  'languages list': {
    usage: 'languages list [--json]',
    summary: 'which languages there are, and whose images the Engine has',
    words: [0, 0],
    options: { json: flag },
    run: async (given, surroundings) => await (await import('./languages.ts')).listLanguages(given, surroundings)
  },
  'languages build': {
    usage: 'languages build [<language>…] [--projects]',
    summary: 'build the images that are missing, of all or of these; --projects builds those with tools too',
    words: [0, 100],
    options: { projects: flag },
    run: async (given, surroundings) => await (await import('./languages.ts')).buildLanguages(given, surroundings)
  }
}
