import { rollupLockKey } from '../db/advisory-locks.ts'
import type { Database, Queryable } from '../db/queryable.ts'
import { selfSource } from '../observation/self-source.ts'
import { addHistogramBytes, histogramBytes } from './histogram-bytes.ts'
import { addCounts, emptyCounts, greatest, type PackedGroup, type RollupCounts, unpackGroup } from './rollup-group.ts'

/** Minutes, as the column has it. Each is a whole multiple of the one before. */
export const resolutions = [1, 5, 60, 1_440] as const
export type Resolution = (typeof resolutions)[number]

const deltasPerMerge = 50

interface Key {
  readonly resolution: Resolution
  /** Unix minutes. */
  readonly minute: number
  readonly target: string
  readonly source: string
  readonly region: string
}
type Rollup = Key & RollupCounts

/**
 * Merges the oldest waiting deltas into the rollups of every resolution, and gives their number: 0 when none waits or
 * another machine is at it. Whole or not at all: a delta is gone when, and only when, it has been counted.
 */
export async function mergeDeltas(db: Pick<Database, 'transaction'>, signal?: AbortSignal): Promise<number> {
  return await db.transaction(async (tx) => {
    const [lock] = await tx.query<{ locked: boolean }>({
      name: 'observation_rollups.lock',
      text: 'select pg_try_advisory_xact_lock($1) as locked',
      values: [rollupLockKey],
    })
    if (!lock?.locked) return 0
    const deltas = await tx.query<{ id: string; groups: PackedGroup[] }>({
      name: 'observation_deltas.oldest',
      text: 'select id, groups from observation_deltas order by id limit $1',
      values: [deltasPerMerge],
    })
    if (deltas.length === 0) return 0
    const rollups = rollUp(deltas.flatMap(({ groups }) => groups))
    await addStored(tx, rollups)
    await writeRollups(tx, [...rollups.values()])
    await tx.query({
      name: 'observation_deltas.delete',
      text: 'delete from observation_deltas where id = any($1::bigint[])',
      values: [deltas.map(({ id }) => id)],
    })
    return deltas.length
  }, signal)
}

function rollUp(groups: readonly PackedGroup[]): Map<string, Rollup> {
  const rollups = new Map<string, Rollup>()
  for (const packed of groups) {
    const group = unpackGroup(packed)
    const { target, source, region } = group
    for (const resolution of resolutions) {
      const minute = group.minute - (group.minute % resolution)
      add({ resolution, minute, target, source, region }, group)
      for (const total of totalsOf(source, region)) add({ resolution, minute, target: '', ...total }, group)
    }
  }

  function add(key: Key, counts: RollupCounts): void {
    const text = keyText(key)
    let rollup = rollups.get(text)
    if (rollup === undefined) {
      rollup = { ...key, ...emptyCounts() }
      rollups.set(text, rollup)
    }
    addCounts(rollup, counts)
  }
  return rollups
}

/** So that whoever asks for no target gets one row for each stretch of time, however many targets there are. */
function totalsOf(source: string, region: string): { readonly source: string; readonly region: string }[] {
  const sources = source === selfSource ? [source] : ['', source]
  const regions = region === '' ? [''] : ['', region]
  return sources.flatMap((each) => regions.map((where) => ({ source: each, region: where })))
}

/** Nobody else writes rollups while the lock is held: what is read here is still so when it is written. */
async function addStored(tx: Queryable, rollups: ReadonlyMap<string, Rollup>): Promise<void> {
  const keys = [...rollups.values()]
  const rows = await tx.query<Key & RollupRow>({
    name: 'observation_rollups.stored',
    text: `select r.resolution, (extract(epoch from r.at) / 60)::int as minute, r.target, r.source, r.region,
                  r.count::float8 as count, r.ok::float8 as ok, r.cold::float8 as cold, r.max_ms as "maxMs", r.histogram
           from unnest($1::int2[], $2::int[], $3::text[], $4::text[], $5::text[])
             as k (resolution, minute, target, source, region)
           join observation_rollups r on r.resolution = k.resolution and r.target = k.target
             and r.at = to_timestamp(k.minute::float8 * 60) and r.source = k.source and r.region = k.region`,
    values: keyColumns(keys),
  })
  for (const row of rows) {
    const rollup = rollups.get(keyText(row))
    if (rollup !== undefined) addRow(rollup, row)
  }
}

/** Counts as a row has them. */
export interface RollupRow {
  readonly count: number
  readonly ok: number
  readonly cold: number
  readonly maxMs: number | null
  readonly histogram: Buffer
}

export function addRow(to: RollupCounts, { count, ok, cold, maxMs, histogram }: RollupRow): void {
  to.count += count
  to.ok += ok
  to.cold += cold
  to.maxMs = greatest(to.maxMs, maxMs ?? undefined)
  addHistogramBytes(to.histogram, histogram)
}

async function writeRollups(tx: Queryable, rollups: readonly Rollup[]): Promise<void> {
  await tx.query({
    name: 'observation_rollups.write',
    text: `insert into observation_rollups
             (resolution, at, target, source, region, count, ok, cold, max_ms, histogram)
           select resolution, to_timestamp(minute::float8 * 60), target, source, region, count, ok, cold, max_ms, histogram
           from unnest($1::int2[], $2::int[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
             $8::bigint[], $9::float8[], $10::bytea[])
             as r (resolution, minute, target, source, region, count, ok, cold, max_ms, histogram)
           on conflict (resolution, target, at, source, region) do update set
             count = excluded.count, ok = excluded.ok, cold = excluded.cold, max_ms = excluded.max_ms,
             histogram = excluded.histogram`,
    values: [
      ...keyColumns(rollups),
      rollups.map(({ count }) => count),
      rollups.map(({ ok }) => ok),
      rollups.map(({ cold }) => cold),
      rollups.map(({ maxMs }) => maxMs ?? null),
      rollups.map(({ histogram }) => histogramBytes(histogram)),
    ],
  })
}

const keyColumns = (keys: readonly Key[]) => [
  keys.map(({ resolution }) => resolution),
  keys.map(({ minute }) => minute),
  keys.map(({ target }) => target),
  keys.map(({ source }) => source),
  keys.map(({ region }) => region),
]

const keyText = ({ resolution, minute, target, source, region }: Key) =>
  `${resolution}\0${minute}\0${target}\0${source}\0${region}`
