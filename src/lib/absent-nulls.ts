interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
}

/**
 * Removes fields that are null where the schema has them as optional and not as null: most serialisers write what is absent
 * that way. Looks into objects and arrays that the schema describes, so the work is that of reading the value once.
 */
export function removeAbsentNulls (schema: Schema, value: unknown): void {
  if (Array.isArray(value)) {
    if (schema.items !== undefined) for (const item of value) removeAbsentNulls(schema.items, item)
    return
  }
  if (typeof value !== 'object' || value === null || schema.properties === undefined) return
  const fields = value as Record<string, unknown>
  for (const [name, field] of Object.entries(schema.properties)) {
    if (fields[name] === null && !takesNull(field) && schema.required?.includes(name) !== true) Reflect.deleteProperty(fields, name)
    else removeAbsentNulls(field, fields[name])
  }
}

function takesNull (schema: Schema): boolean {
  if (schema.anyOf !== undefined) return schema.anyOf.some(takesNull)
  if (schema.enum !== undefined) return schema.enum.includes(null)
  if ('const' in schema) return schema.const === null
  return schema.type === undefined || [schema.type].flat().includes('null')
}
