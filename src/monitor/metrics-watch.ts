import type { MetricsFindings } from '../report/evidence.ts'
import { createCounterIncrease } from './counter-increase.ts'
import { readScrape, readSeries, type Scrape } from './exposition.ts'
import { reasonOf } from './machines-api.ts'
import { pause } from './pause.ts'

export interface MetricsWatch {
  /** Scrapes until the signal aborts: a gauge is seen only when it is looked at. */
  follow(signal: AbortSignal): Promise<void>
  /** One last scrape, and what was counted since the first. */
  finish(signal: AbortSignal): Promise<{ metrics?: MetricsFindings; gaps: readonly string[] }>
}

/** As often as Fly scrapes. */
const scrapeEveryMs = 15_000
const timeoutMs = 5_000
const bodyMaxBytes = 16_000_000
/** The service keeps them in Postgres, and tells them once they are read from there. */
const keptCounters = new Set(['machine_running_seconds_total', 'machine_starts_total'])
const counters = new Set([
  ...['db_query_duration_seconds_bucket', 'db_query_duration_seconds_count', 'db_query_duration_seconds_sum'],
  ...['db_slow_queries_total', 'db_errors_total', 'http_request_duration_seconds_count'],
  ...keptCounters,
])

/** The first scrape is taken before it resolves. */
export async function startMetricsWatch(url: URL, signal: AbortSignal): Promise<MetricsWatch> {
  const increase = createCounterIncrease({ names: counters, kept: keptCounters })
  const highest = new Map<string, number>()
  let scrapes = 0
  let failures = 0
  let lastFailure = ''

  async function scrape(scrapeSignal: AbortSignal): Promise<void> {
    const read = await fetchScrape(url, scrapeSignal)
    if (typeof read === 'string') {
      failures += 1
      lastFailure = read
      return
    }
    scrapes += 1
    increase.add(read)
    for (const [key, value] of read) {
      if (readSeries(key).name.startsWith('db_pool_')) highest.set(key, Math.max(value, highest.get(key) ?? 0))
    }
  }

  await scrape(signal)
  return {
    async follow(runSignal) {
      while (!runSignal.aborted) {
        await pause(scrapeEveryMs, runSignal)
        if (!runSignal.aborted) await scrape(runSignal)
      }
    },
    async finish(lastSignal) {
      await scrape(lastSignal)
      const where = `${url.origin}${url.pathname}`
      if (scrapes < 2) return { gaps: [`The metrics at ${where} could not be read before and after: ${lastFailure}.`] }
      const missing = `${failures} of ${scrapes + failures} scrapes of ${where} failed; the last one: ${lastFailure}.`
      return { metrics: findings(increase, highest), gaps: failures === 0 ? [] : [missing] }
    },
  }
}

async function fetchScrape(url: URL, signal: AbortSignal): Promise<Scrape | string> {
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const response = await fetch(url, { redirect: 'error', signal: within, headers: { accept: 'text/plain' } })
    if (!response.ok || response.body === null) {
      await response.body?.cancel()
      return `it answered ${response.status}`
    }
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body) {
      bytes += chunk.length
      if (bytes > bodyMaxBytes) return `it is longer than ${bodyMaxBytes / 1_000_000} MB`
      chunks.push(chunk)
    }
    return readScrape(Buffer.concat(chunks).toString('utf8')) ?? 'it is not in the Prometheus text format'
  } catch (error) {
    return `it did not answer (${reasonOf(error)})`
  }
}

type Increase = ReturnType<typeof createCounterIncrease>

function findings(increase: Increase, highest: ReadonlyMap<string, number>): MetricsFindings {
  const statements = statementsOf(increase)
  const slowStatements = totalOf(increase, 'db_slow_queries_total')
  const errors = increase.of('db_errors_total')
  const max = highest.get('db_pool_connections_max')
  const requests = increase.of('http_request_duration_seconds_count')
  const runningSeconds = totalOf(increase, 'machine_running_seconds_total')
  const starts = increase.of('machine_starts_total')
  return {
    ...(statements !== undefined && { statements }),
    ...(slowStatements !== undefined && { slowStatements }),
    ...(errors !== undefined && { databaseErrors: byLabel(errors, 'sqlstate_class') }),
    ...(max !== undefined && {
      pool: {
        max,
        waitingMax: highest.get('db_pool_waiting') ?? 0,
        activeMax: highest.get('db_pool_connections{state="active"}') ?? 0,
      },
    }),
    ...(requests !== undefined && {
      requests: {
        count: total(requests),
        serverErrors: total(requests.filter(({ labels }) => labels.status_code?.startsWith('5'))),
      },
    }),
    ...(runningSeconds !== undefined && { runningSeconds }),
    ...(starts !== undefined && {
      starts: starts
        .filter((each) => each.increase > 0)
        .map(({ labels, increase: count }) => ({ kind: labels.kind ?? '', reason: labels.reason ?? '', count })),
    }),
    reset: increase.reset(),
  }
}

function statementsOf(increase: Increase): MetricsFindings['statements'] {
  const counts = increase.of('db_query_duration_seconds_count')
  if (counts === undefined) return undefined
  const count = total(counts)
  const buckets = byLabel(increase.of('db_query_duration_seconds_bucket') ?? [], 'le')
  return {
    count,
    failed: total(counts.filter(({ labels }) => labels.outcome === 'error')),
    buckets: Object.entries(buckets)
      .map(([upper, within]) => ({
        upperSeconds: upper === '+Inf' ? Number.POSITIVE_INFINITY : Number(upper),
        count: within,
      }))
      .sort((one, other) => one.upperSeconds - other.upperSeconds),
    meanMs: count === 0 ? 0 : ((totalOf(increase, 'db_query_duration_seconds_sum') ?? 0) * 1_000) / count,
  }
}

type Grown = NonNullable<ReturnType<Increase['of']>>

const total = (grown: Grown) => grown.reduce((sum, { increase }) => sum + increase, 0)

function totalOf(increase: Increase, name: string): number | undefined {
  const grown = increase.of(name)
  return grown && total(grown)
}

function byLabel(grown: Grown, label: string): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { labels, increase } of grown) {
    const value = labels[label] ?? ''
    sums[value] = (sums[value] ?? 0) + increase
  }
  return sums
}
