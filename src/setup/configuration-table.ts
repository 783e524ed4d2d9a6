import { EnvironmentSchema } from '../config.ts'

const BEGIN = '<!-- configuration -->'
const END = '<!-- /configuration -->'

/** The environment variables as a Markdown table. */
export function configurationTable (): string {
  const properties = EnvironmentSchema.properties as Record<string, { default?: string | number, description?: string, enum?: readonly string[] }>
  const rows = Object.entries(properties).map(([name, { default: value, description = '', enum: choices }]) => {
    const choice = choices === undefined ? '' : ` (${choices.map((choice) => `\`${choice}\``).join(', ')})`
    return `| \`${name}\` | ${value === undefined ? '' : `\`${String(value)}\``} | ${description}${choice} |`
  })
  return ['| variable | default | |', '|---|---|---|', ...rows].join('\n')
}

/** The text with the table between its markers. */
export function withConfigurationTable (markdown: string): string {
  const begin = markdown.indexOf(BEGIN)
  const end = markdown.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`the text has no ${BEGIN} … ${END}`)
  return `${markdown.slice(0, begin)}${BEGIN}\n${configurationTable()}\n${markdown.slice(end)}`
}
