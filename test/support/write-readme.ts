import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { withConfigurationTable } from '../../src/setup/configuration-table.ts'

const file = path.join(import.meta.dirname, '../../README.md')
await writeFile(file, withConfigurationTable(await readFile(file, 'utf8')))
