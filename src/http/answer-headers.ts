/**
 * The headers of every answer, as one flat list of names and values: what `writeHead` takes without copying.
 * A prober tells a cold start by `Medio-Uptime-Ms` below its own request's duration (docs/health-api.md, Headers).
 */
export type AnswerHeaders = (requestId: string) => string[]

export function createAnswerHeaders(options: {
  machineId: string
  region: string
  /** Milliseconds since the process was started. */
  uptimeMs: () => number
  /** Milliseconds since the last resume; undefined if never. */
  sinceResumeMs: () => number | undefined
  /** What the start cost, as a `Server-Timing`. */
  serverTiming: () => string
}): AnswerHeaders {
  const { machineId, region, uptimeMs, sinceResumeMs, serverTiming } = options
  return (requestId) => {
    const headers = [
      'X-Request-Id',
      requestId,
      'Medio-Machine',
      machineId,
      'Medio-Region',
      region,
      'Medio-Uptime-Ms',
      String(Math.round(uptimeMs())),
      'Server-Timing',
      serverTiming(),
      // Data, whatever a browser guesses: enough for JSON and text. Documents get more, see document-headers.ts.
      'X-Content-Type-Options',
      'nosniff',
    ]
    const resumeMs = sinceResumeMs()
    if (resumeMs !== undefined) headers.push('Medio-Resume-Ms', String(Math.round(resumeMs)))
    return headers
  }
}
