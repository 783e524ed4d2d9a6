import { expect, it } from 'vitest'
import { generateSections } from '../documents/sections.ts'

it('generated tables are as the code has them (npm run docs writes them)', async () => {
  for (const { file, before, after } of await generateSections()) expect(after, file).toBe(before)
})
