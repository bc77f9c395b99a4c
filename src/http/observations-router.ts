import { type RequestHandler, Router } from 'express'
import type { Database } from '../db/queryable.ts'
import type { ObservationBucket } from '../history/select-buckets.ts'
import type { Observation } from '../observation/observation.ts'
import { createAnswerCache } from './answer-cache.ts'
import { bodyLimitBytes } from './body-limits.ts'
import { jsonBody } from './json-body.ts'
import { methodNotAllowed } from './method-not-allowed.ts'
import { type KeepingWriter, writeOrKeep } from './write-or-keep.ts'

const readTimeoutMs = 3_000
const writeTimeoutMs = 5_000
/** Below the interval of any prober; people reload faster than it. */
const keptMs = 5_000

interface BucketsAnswer {
  readonly from: string
  readonly to: string
  readonly bucket: string
  readonly method: string
  readonly buckets: readonly ObservationBucket[]
}

/** What the router needs of a history that begins after the first answer. */
interface History {
  readonly writer: KeepingWriter
  readonly onStored: (observations: readonly Observation[]) => void
}

/** `POST`: a prober tells what it saw. `GET`: what was seen, by minute, hour or day. */
export function createObservationsRouter(options: {
  database: Database
  retentionDays: number
  authoriseRead: RequestHandler
  authoriseWrite: RequestHandler
  limitReads: RequestHandler
  history: () => History | undefined
  /** Stored while there is no history yet. */
  onStored: (observations: readonly Observation[]) => Promise<void>
  monotonicMs: () => number
  wallMs: () => number
}): Router {
  const { database, retentionDays, history, monotonicMs, wallMs } = options
  const cache = createAnswerCache<BucketsAnswer>({ keptMs, answersMax: 100, monotonicMs })

  /** How many were new; undefined when they wait on disk. */
  const store = (observations: readonly Observation[]) =>
    writeOrKeep({
      writer: history()?.writer,
      entry: { kind: 'observations', observations },
      async write() {
        const { insertObservations } = await import('../history/observations.ts')
        const { stored } = await insertObservations(database, observations, AbortSignal.timeout(writeTimeoutMs))
        const running = history()
        if (running === undefined) await options.onStored(stored)
        else running.onStored(stored)
        return stored.length
      },
    })

  const router = Router()
  router
    .route('/api/observations')
    .get(options.authoriseRead, options.limitReads, async (request, response) => {
      const { readObservationQuery } = await import('./observation-query.ts')
      const query = readObservationQuery(request, wallMs())
      const { from, to, target, region, source, bucket } = request.query
      const key = JSON.stringify([from, to, target, region, source, bucket])
      const answer = await cache.get(key, async () => {
        const { bucketMethod, selectBuckets, wholeBuckets } = await import('../history/select-buckets.ts')
        const { readWithin } = await import('../history/bounded-read.ts')
        const { fromMs, toMs } = wholeBuckets(query)
        const buckets = await readWithin(database, readTimeoutMs, (db) => selectBuckets(db, query))
        const range = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
        return { ...range, bucket: query.bucket, method: bucketMethod, buckets }
      })
      response.json(answer)
    })
    .post(options.authoriseWrite, ...jsonBody(bodyLimitBytes.observations), async (request, response) => {
      const { readObservationBatch } = await import('./observation-batch.ts')
      const observations = readObservationBatch(request.body, wallMs(), retentionDays)
      const received = observations.length
      const stored = await store(observations)
      if (stored === undefined) response.status(202).json({ received, stored: 0, known: 0, queued: received })
      else response.json({ received, stored, known: received - stored, queued: 0 })
    })
    .all(methodNotAllowed(['GET', 'HEAD', 'POST']))
  return router
}
