import Type, { type Static, type TProperties } from 'typebox'

/** What the builders below leave in a schema for whoever parses variables or lists them. */
export interface VariableSchema {
  readonly unit?: 'duration' | 'size' | 'limit' | 'interval'
  /** May come from the file that `<name>_FILE` names. */
  readonly isSecret?: boolean
  readonly default?: string | number
  readonly enum?: readonly string[]
  readonly description?: string
}

/** The values of a group of variables, as they are after parsing. */
export type Values<Variables extends TProperties> = Static<ReturnType<typeof Type.Object<Variables>>>

export const duration = (value: string, description: string) =>
  Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, default: value, unit: 'duration', description })

export const size = (value: string | undefined, description: string) =>
  Type.Integer({ minimum: 1, ...(value === undefined ? {} : { default: value }), unit: 'size', description })

export const limit = (value: string, description: string) =>
  Type.Union([Type.Literal(false), Type.Object({ max: Type.Integer(), windowMs: Type.Integer() })], { default: value, unit: 'limit', description })

/** Zero is `off`. */
export const interval = (value: string, description: string) =>
  Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, default: value, unit: 'interval', description })

export const count = (value: number | undefined, minimum: number, description: string) =>
  Type.Integer({ minimum, ...(value === undefined ? {} : { default: value }), description })

/** A string that may be anything but empty, or has a form. */
export const text = (description: string, pattern?: string) =>
  Type.String({ ...(pattern === undefined ? { minLength: 1 } : { pattern }), description })

export const secret = (description: string, form: { pattern: string } | { minLength: number }) =>
  Type.String({ ...form, isSecret: true, description })
