import type { EnvironmentSchema } from '../../src/config.ts'

type Variable = keyof typeof EnvironmentSchema.properties

/** What a Berth is configured with, by names that it reads: with any other the test would be about the default. */
export type Variables = Partial<Readonly<Record<Variable | `${Variable}_FILE` | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string>>>
