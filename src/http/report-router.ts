import { type Request, type RequestHandler, type Response, Router } from 'express'
import type { Database } from '../db/queryable.ts'
import type { Report } from '../report/report.ts'
import { methodNotAllowed } from './method-not-allowed.ts'
import { ProblemError } from './problem.ts'
import { readQuery } from './query-reader.ts'

const dayMs = 86_400_000
const rangeMaxMs = 92 * dayMs
/** nginx waits 30 s for an answer (nginx.conf). */
const deadlineMs = 25_000
const formats = ['md', 'html', 'json'] as const
type Format = (typeof formats)[number]

/** The document brings its own style, and nothing of it may run. */
const htmlPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** `GET /api/report`: the monitoring report over the stored history. One at a time: each reads all of its range. */
export function createReportRouter(options: {
  database: Database
  authorisePage: RequestHandler
  wallMs: () => number
}): Router {
  const { database, authorisePage, wallMs } = options
  let busy = false

  async function answer(request: Request, response: Response): Promise<void> {
    const { format, ...range } = readReportQuery(request, wallMs())
    const { reportOverHistory } = await import('../history/report-over-history.ts')
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(deadlineMs)])
    const report = await reportOverHistory({ ...range, database, signal }).catch((error: unknown) => {
      throw signal.aborted && !gone.signal.aborted ? tooMuch() : error
    })
    await send(response, format, report)
  }

  const router = Router()
  router
    .route('/api/report')
    .get(authorisePage, async (request, response) => {
      if (busy) {
        const detail = 'A report is being made already; try again in a moment.'
        throw new ProblemError({ status: 429, detail, headers: { 'Retry-After': '5' } })
      }
      busy = true
      try {
        await answer(request, response)
      } finally {
        busy = false
      }
    })
    .all(methodNotAllowed(['GET', 'HEAD']))
  return router
}

interface ReportQuery {
  readonly format: Format
  readonly from: Date
  readonly to: Date
  readonly target: string | undefined
}

function readReportQuery(request: Request, nowMs: number): ReportQuery {
  const query = readQuery(request)
  const to = query.time('to') ?? new Date(nowMs)
  const from = query.time('from') ?? new Date(to.getTime() - dayMs)
  const target = query.text('target', 256)
  const format = query.choice('format', formats) ?? preferred(request)
  if (from >= to) query.refuse('from', 'is not before to')
  else if (to.getTime() - from.getTime() > rangeMaxMs) query.refuse('from', 'is more than 92 days before to')
  query.check()
  return { format, from, to, target }
}

/** A browser gets the page, a person with curl the text. */
function preferred(request: Request): Format {
  const best = request.accepts(['text/markdown', 'text/html', 'application/json'])
  return best === 'text/html' ? 'html' : best === 'application/json' ? 'json' : 'md'
}

async function send(response: Response, format: Format, report: Report): Promise<void> {
  response.setHeader('Cache-Control', 'no-store')
  if (format === 'html') {
    const { renderHtml } = await import('../report/format/html.ts')
    response.setHeader('Content-Security-Policy', htmlPolicy)
    response.type('text/html').send(renderHtml(report))
  } else if (format === 'json') {
    const { renderJson } = await import('../report/format/json.ts')
    response.type('application/json').send(renderJson(report, { statements: report.evidence.statements }))
  } else {
    const { renderMarkdown } = await import('../report/format/markdown.ts')
    response.type('text/markdown').send(renderMarkdown(report))
  }
}

const tooMuch = () =>
  new ProblemError({
    status: 503,
    detail: 'The report took too long; ask for less time by from and to, or one target.',
  })
