import { defineConfig } from 'drizzle-kit'

/** `npx drizzle-kit generate --name <what-changed>` writes the next migration. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema/index.ts',
  out: './migrations'
})
