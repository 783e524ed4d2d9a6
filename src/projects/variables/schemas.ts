import Type from 'typebox'
import { closed, Instant } from '../../lib/schemas.ts'

const Name = Type.String({ minLength: 1, maxLength: 100, pattern: '^[A-Za-z_][A-Za-z0-9_]*$', 'x-form': 'must be a name for an environment variable' })
const Value = Type.String({ maxLength: 32_768 })

export const VariableParamsSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }), name: Name }, closed)
export const VariableBodySchema = Type.Object({ value: Value }, closed)
const EnvironmentSchema = Type.Record(Name, Value)
export const EnvironmentBodySchema = Type.Object({ env: EnvironmentSchema }, closed)
export const EnvironmentAnswerSchema = Type.Object({ env: Type.Record(Type.String(), Type.String()) }, closed)
export const SecretsAnswerSchema = Type.Object({ secrets: Type.Array(Type.Object({ name: Type.String(), updatedAt: Instant }, closed)) }, closed)
