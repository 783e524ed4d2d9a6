import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it } from 'vitest'
import { withConfigurationTable } from '../../src/setup/configuration-table.ts'

it('README lists every variable as the schema has it (npm run docs writes it)', async () => {
  const readme = await readFile(path.join(import.meta.dirname, '../../README.md'), 'utf8')
  expect(withConfigurationTable(readme)).toBe(readme)
})
