import type { Request } from 'express'
import { type BucketQuery, type BucketWidth, bucketWidths, wholeBuckets } from '../history/select-buckets.ts'
import { readQuery } from './query-reader.ts'

const bucketsMax = 1_500
/** What is chosen for a caller who asks for no width: as many as a chart shows. */
const bucketsWanted = 300
const defaultRangeMs = 86_400_000
const widths = Object.keys(bucketWidths) as BucketWidth[]

/** The query of `GET /api/observations`. Throws 400 that names what can't be used. */
export function readObservationQuery(request: Pick<Request, 'query'>, nowMs: number): BucketQuery {
  const query = readQuery(request)
  const to = query.time('to') ?? new Date(nowMs)
  const from = query.time('from') ?? new Date(to.getTime() - defaultRangeMs)
  const filter = {
    target: query.text('target', 256),
    region: query.text('region', 64),
    source: query.text('source', 64),
  }
  const asked = query.choice('bucket', widths)
  if (from >= to) query.refuse('from', 'is not before to')
  const count = (bucket: BucketWidth) => wholeBuckets({ from, to, bucket }).count
  const bucket = asked ?? widths.find((width) => count(width) <= bucketsWanted) ?? '1d'
  if (count(bucket) > bucketsMax) {
    const wider = widths.find((width) => count(width) <= bucketsMax)
    const next = wider === undefined ? 'ask for a shorter range' : `ask for ${wider}, or for a shorter range`
    query.refuse('bucket', `makes ${count(bucket)} buckets, more than ${bucketsMax}; ${next}`)
  }
  query.check()
  return { from, to, bucket, ...filter }
}
