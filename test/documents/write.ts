import { writeFile } from 'node:fs/promises'
import { generateSections } from './sections.ts'

for (const { file, after } of await generateSections()) await writeFile(file, after)
