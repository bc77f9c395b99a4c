import type { TopStatement } from '../report/evidence.ts'
import { reasonOf } from './machines-api.ts'

const timeoutMs = 10_000
const statementsMax = 20
const queryMaxLength = 1_000

/** The top statements that a service's own report has of pg_stat_statements. The token goes to this URL and no other. */
export async function fetchStatements(
  url: URL,
  options: { token: string; signal: AbortSignal },
): Promise<{ statements?: readonly TopStatement[]; gaps: readonly string[] }> {
  const asked = new URL(url)
  asked.searchParams.set('format', 'json')
  const where = `${url.origin}${url.pathname}`
  try {
    const headers = { authorization: `Bearer ${options.token}`, accept: 'application/json' }
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)])
    const response = await fetch(asked, { headers, redirect: 'error', signal })
    if (!response.ok) {
      await response.body?.cancel()
      return { gaps: [`The top statements could not be read: ${where} answered ${response.status}.`] }
    }
    const statements = readStatements(await response.json())
    if (statements !== undefined) return { statements, gaps: [] }
    return { gaps: [`${where} has no top statements: pg_stat_statements is not installed there.`] }
  } catch (error) {
    return { gaps: [`The top statements could not be read: ${where} did not answer (${reasonOf(error)}).`] }
  }
}

/** `statements` of a report as JSON; undefined when it has none. */
export function readStatements(report: unknown): readonly TopStatement[] | undefined {
  const list = (report as { statements?: unknown } | null)?.statements
  return Array.isArray(list) ? list.slice(0, statementsMax).flatMap(readStatement) : undefined
}

function readStatement(value: unknown): TopStatement[] {
  const { query, calls, totalMs, meanMs, maxMs } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof query !== 'string' || typeof calls !== 'number' || typeof totalMs !== 'number') return []
  if (typeof meanMs !== 'number' || typeof maxMs !== 'number') return []
  return [{ query: query.slice(0, queryMaxLength), calls, totalMs, meanMs, maxMs }]
}
