import Type from 'typebox'
import { ConfigError } from './error.ts'
import { interval, size, text, type Values } from './schema.ts'

export const snapshotVariables = {
  SNAPSHOT_INTERVAL: interval('5m', 'how often a running project\'s files are kept in a snapshot if they have changed; `off` takes none but what is asked for'),
  SNAPSHOT_SIZE: size('200g', 'bytes of all snapshots, as they are stored; those of one user can have a twentieth'),
  SNAPSHOT_STORE: Type.Optional(text('where snapshots are kept: any store that speaks S3, as `s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-1` with the SDK\'s own `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and so on; default the folder snapshots in DATA_DIR', '^s3://'))
}

const MANUAL_PER_PROJECT = 20
const OWNERS_AT_FULL_SHARE = 20

export function toSnapshots (env: Values<typeof snapshotVariables>) {
  return {
    snapshots: {
      isAutomatic: env.SNAPSHOT_INTERVAL > 0,
      everyMs: env.SNAPSHOT_INTERVAL,
      manualMost: MANUAL_PER_PROJECT,
      ownerBytes: Math.floor(env.SNAPSHOT_SIZE / OWNERS_AT_FULL_SHARE),
      allBytes: env.SNAPSHOT_SIZE,
      s3: env.SNAPSHOT_STORE === undefined ? undefined : parseStore(env.SNAPSHOT_STORE)
    }
  }
}

/** Keys are not taken from the address: addresses end up in logs. */
function parseStore (given: string) {
  const url = URL.canParse(given) ? new URL(given) : undefined
  const { bucket, prefix } = /^\/\/(?<bucket>[A-Za-z0-9][A-Za-z0-9._-]{1,62})(?<prefix>(?:\/[A-Za-z0-9._-]+)*)\/?$/.exec(url === undefined ? '' : `//${url.host}${url.pathname}`)?.groups ?? {}
  const options = new Map(url?.searchParams)
  const endpoint = options.get('endpoint')
  const isSound = url?.username === '' && url.password === '' && url.hash === '' &&
    [...options.keys()].every((name) => name === 'endpoint' || name === 'region') &&
    (endpoint === undefined || (/^https?:\/\/[^/?#@\s]+\/?$/.test(endpoint) && URL.canParse(endpoint)))
  if (bucket === undefined || !isSound) {
    throw new ConfigError('SNAPSHOT_STORE must be s3://bucket/prefix, with ?endpoint=https://… and &region=… where they are needed, and without a key: that is AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  }
  const folder = (prefix ?? '').slice(1)
  return { bucket, prefix: folder === '' ? '' : `${folder}/`, endpoint, region: options.get('region') }
}
