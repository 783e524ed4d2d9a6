import type { VariableSchema } from '../../src/config/schema.ts'
import { EnvironmentSchema } from '../../src/config.ts'

/** The environment variables as a Markdown table. */
export function configurationTable (): string {
  const variables = Object.entries(EnvironmentSchema.properties as Record<string, VariableSchema>)
  return ['| variable | default | |', '|---|---|---|', ...variables.map(([name, variable]) => row(name, variable))].join('\n')
}

function row (name: string, { default: value, description = '', enum: choices, isSecret = false }: VariableSchema): string {
  const choice = choices === undefined ? '' : ` (${choices.map((choice) => `\`${choice}\``).join(', ')})`
  const file = isSecret ? `; or the file \`${name}_FILE\` has it` : ''
  return `| \`${name}\` | ${value === undefined ? '' : `\`${String(value)}\``} | ${description}${choice}${file} |`
}
