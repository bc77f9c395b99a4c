/**
 * The headers of every answer, as one flat list of names and values: what `writeHead` takes without copying.
 * A prober tells a cold start by `Medio-Uptime-Ms` below its own request's duration (docs/health-api.md, Headers).
 */
export type AnswerHeaders = (requestId: string) => string[]

export function createAnswerHeaders(options: {
  machineId: string
  region: string
  production: boolean
  /** Milliseconds since the process was started. */
  uptimeMs: () => number
  /** Milliseconds since the last resume; undefined if never. */
  sinceResumeMs: () => number | undefined
  /** Start-up phases that are over, as `Server-Timing` shows them. */
  serverTiming: () => string
}): AnswerHeaders {
  const { uptimeMs, sinceResumeMs, serverTiming } = options
  const constant = [
    'Medio-Machine',
    options.machineId,
    'Medio-Region',
    options.region,
    'X-Content-Type-Options',
    'nosniff',
    // An API's answers are data: nothing in them may run, frame or be framed.
    'Content-Security-Policy',
    "default-src 'none'; frame-ancestors 'none'",
    ...(options.production ? ['Strict-Transport-Security', 'max-age=31536000'] : []),
  ]
  return (requestId) => {
    const headers = constant.slice()
    headers.push('X-Request-Id', requestId)
    headers.push('Medio-Uptime-Ms', String(Math.round(uptimeMs())), 'Server-Timing', serverTiming())
    const resumeMs = sinceResumeMs()
    if (resumeMs !== undefined) headers.push('Medio-Resume-Ms', String(Math.round(resumeMs)))
    return headers
  }
}
