import { EnvironmentSchema } from '../config.ts'
import { withSection } from '../lib/markdown.ts'

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
  return withSection(markdown, 'configuration', configurationTable())
}
