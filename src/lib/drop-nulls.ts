/** Removes from a value, in place, the fields that are null and could have been left out. */
export type DropNulls = (value: unknown) => void

interface Schema {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema | readonly Schema[]
  readonly additionalProperties?: boolean | Schema
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

/**
 * Most serialisers send a field that is not set as null. It is one only where the schema has it as optional and gives null
 * no meaning of its own; a required field stays, to be refused. Undefined for a schema that has no such field.
 */
export function createDropNulls (schema: unknown): DropNulls | undefined {
  return compile(schema as Schema)
}

function compile (schema: Schema): DropNulls | undefined {
  const branches = variantsOf(schema)
  if (branches.length > 1 || branches[0] !== schema) return compileVariants(branches)
  return all([compileObject([schema]), compileItems(schema)])
}

/** All objects that a value may be: a field goes if one of them has it as optional and none needs it or takes null in it. */
function compileVariants (branches: readonly Schema[]): DropNulls | undefined {
  return all([compileObject(branches.filter(({ properties }) => properties !== undefined)), ...branches.map(compileItems)])
}

function compileObject (variants: readonly Schema[]): DropNulls | undefined {
  const names = new Set(variants.flatMap(({ properties }) => Object.keys(properties ?? {})))
  const optional = new Set<string>()
  const inner = new Map<string, DropNulls>()
  for (const name of names) {
    const having = variants.filter(({ properties }) => properties?.[name] !== undefined)
    const schemas = having.map(({ properties }) => properties?.[name] ?? {})
    if (having.every(({ required }) => required?.includes(name) !== true) && !schemas.some(takesNull)) optional.add(name)
    const drop = all(schemas.map(compile))
    if (drop !== undefined) inner.set(name, drop)
  }
  const others = all(variants.flatMap(({ additionalProperties, patternProperties }) =>
    [...typeof additionalProperties === 'object' ? [additionalProperties] : [], ...Object.values(patternProperties ?? {})].map(compile)))
  if (optional.size === 0 && inner.size === 0 && others === undefined) return undefined
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    const fields = value as Record<string, unknown>
    for (const name of Object.keys(fields)) {
      if (fields[name] === null && optional.has(name)) delete fields[name]
      else (names.has(name) ? inner.get(name) : others)?.(fields[name])
    }
  }
}

function compileItems ({ items }: Schema): DropNulls | undefined {
  if (items === undefined || Array.isArray(items)) return undefined
  const drop = compile(items as Schema)
  if (drop === undefined) return undefined
  return (value) => {
    if (Array.isArray(value)) for (const item of value) drop(item)
  }
}

function variantsOf (schema: Schema): readonly Schema[] {
  const combined = schema.anyOf ?? schema.oneOf ?? schema.allOf
  return combined === undefined ? [schema] : combined.flatMap(variantsOf)
}

function takesNull (schema: Schema): boolean {
  return variantsOf(schema).some(({ type, const: constant, enum: values, properties, items }) =>
    type === 'null' || (Array.isArray(type) && type.includes('null')) || constant === null || values?.includes(null) === true ||
    // A schema that says nothing takes anything.
    (type === undefined && constant === undefined && values === undefined && properties === undefined && items === undefined))
}

function all (drops: ReadonlyArray<DropNulls | undefined>): DropNulls | undefined {
  const some = drops.filter((drop) => drop !== undefined)
  const [only] = some
  if (some.length <= 1) return only
  return (value) => { for (const drop of some) drop(value) }
}
