import { describe, expect, it } from 'vitest'
import { chooseCommand, helpOf, type Commands } from '../../../src/operations/command.ts'
import { operatorCommands } from '../../../src/operations/commands.ts'

const run = async () => undefined
const commands: Commands = {
  show: { usage: 'show <file> [--all]', summary: 'shows it', words: [1, 1], options: { all: { type: 'boolean' }, to: { type: 'string', multiple: true } }, run },
  'users list': { usage: 'users list', summary: 'lists them', words: [0, 0], run }
}

describe('the command line of berth', () => {
  it.each([
    [['show', 'a'], 'show <file> [--all]', ['a'], {}, {}],
    [['show', '--all', 'a'], 'show <file> [--all]', ['a'], { all: true }, {}],
    [['show', 'a', '--to', 'x', '--to=y'], 'show <file> [--all]', ['a'], {}, { to: ['x', 'y'] }],
    [['users', 'list'], 'users list', [], {}, {}]
  ])('%j is a command', (args, usage, words, options, lists) => {
    const chosen = chooseCommand(commands, args)
    expect(chosen?.command.usage).toBe(usage)
    expect(chosen?.given).toEqual({ words, options, lists })
  })

  it.each([
    [['sho'], 'there is no command "sho": berth --help lists them'],
    [['users', 'lists'], 'there is no command "users lists": berth --help lists them'],
    [['constructor'], 'there is no command "constructor": berth --help lists them'],
    [['show'], 'it is: berth show <file> [--all]'],
    [['show', 'a', 'b'], 'it is: berth show <file> [--all]'],
    [['show', 'a', '--al'], "Unknown option '--al'. It is: berth show <file> [--all]"],
    [['show', 'a', '--to'], "Option '--to <value>' argument missing. It is: berth show <file> [--all]"],
    [['users', 'list', 'x'], 'it is: berth users list']
  ])('%j is answered with what to do', (args, message) => {
    expect(() => chooseCommand(commands, args)).toThrow(message)
  })

  it.each([[[]], [['--help']], [['show', '-h']], [['help']]])('%j is a question for help', (args) => {
    expect(chooseCommand(commands, args)).toBeUndefined()
  })

  it('lists every command in its help, each with the words that it is called by', () => {
    const help = helpOf(operatorCommands)
    for (const [name, { usage, summary }] of Object.entries(operatorCommands)) {
      expect(usage.startsWith(name), name).toBe(true)
      expect(help).toContain(usage)
      expect(help).toContain(summary)
    }
  })

  it('takes no password as an argument', () => {
    expect(helpOf(operatorCommands)).not.toMatch(/--password(?!-stdin)/)
  })
})
