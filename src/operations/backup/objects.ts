import type pg from 'pg'
import { ObjectNotFoundError, type ObjectStorage } from '../../storage/object-storage.ts'
import type { ArchiveWriter } from './archive-writer.ts'
import { MISSING, OBJECTS } from './manifest.ts'

const KEY = /^[A-Za-z0-9-]+(\/[A-Za-z0-9-]+)*$/

/** Keys of all objects that a snapshot needs, as the transaction sees them. Columns that an older schema lacks count as empty. */
export async function listObjects (client: pg.Client): Promise<string[]> {
  const { rows: [table] } = await client.query<{ isThere: boolean }>('select to_regclass(\'snapshots\') is not null as "isThere"')
  if (table?.isThere !== true) return []
  const { rows } = await client.query<{ key: string }>(`
    with needed as (select to_jsonb(s) as row from snapshots s where s.state = 'complete')
    select row->>'object_key' as key from needed where coalesce(row->>'project_id', row->>'assignment_id') is not null
    union
    select row->>'base_object_key' from needed where coalesce(row->>'project_id', row->>'assignment_id') is not null and row->>'base_object_key' is not null`)
  return rows.map(({ key }) => key)
}

/** Copies them with their indexes. One that is not there is named in the archive: a restore leaves its snapshot out. */
export async function exportObjects (storage: ObjectStorage, keys: readonly string[], archive: ArchiveWriter): Promise<{ missing: string[] }> {
  const missing: string[] = []
  const copy = async (key: string): Promise<boolean> => {
    const bytes = await storage.get(key).catch((error: unknown) => {
      if (!(error instanceof ObjectNotFoundError)) throw error
    })
    if (bytes === undefined) return false
    await archive.add(OBJECTS + key, bytes)
    return true
  }
  for (const key of keys) {
    if (!await copy(key)) missing.push(key)
    // Only a full snapshot has one.
    await copy(`${key}-index`)
  }
  await archive.add(MISSING, [Buffer.from(missing.map((key) => `${key}\n`).join(''))])
  return { missing }
}

/** The key of an archived object; undefined for what is none. */
export function objectKeyOf (name: string): string | undefined {
  const key = name.slice(OBJECTS.length)
  return name.startsWith(OBJECTS) && KEY.test(key) ? key : undefined
}

export async function forgetMissing (client: pg.Client, missing: readonly string[]): Promise<void> {
  if (missing.length > 0) await client.query('delete from snapshots s where object_key = any($1) or to_jsonb(s)->>\'base_object_key\' = any($1)', [missing])
}
