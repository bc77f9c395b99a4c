import { reasonOf } from './machines-api.ts'

/**
 * `refused`: the service will not take this batch, whatever happens; `indexes` are the items at fault, where it says.
 * `later`: it may take it another time.
 */
export type Posted =
  | { readonly kind: 'stored' }
  | { readonly kind: 'refused'; readonly reason: string; readonly indexes: readonly number[] }
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs?: number }

const timeoutMs = 10_000
/** Retry-After may say anything. */
const afterMaxMs = 60_000
const refusals: ReadonlySet<number> = new Set([400, 413, 422])

/** One `POST /api/observations` of observations as JSON texts. Never rejects. */
export async function postBatch(
  url: URL,
  batch: readonly string[],
  options: { token: string; signal: AbortSignal },
): Promise<Posted> {
  const headers = { authorization: `Bearer ${options.token}`, 'content-type': 'application/json' }
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)])
  try {
    const response = await fetch(url, {
      ...{ method: 'POST', headers, body: `[${batch.join(',')}]`, redirect: 'error', signal },
    })
    if (!response.ok) return await toldBy(response)
    await response.body?.cancel()
    return { kind: 'stored' }
  } catch (error) {
    return { kind: 'later', reason: `did not answer (${reasonOf(error)})` }
  }
}

async function toldBy(response: Response): Promise<Posted> {
  const reason = `answered ${response.status}${response.status === 401 ? ' (check PROBE_TOKEN)' : ''}`
  const problem: unknown = await response.json().catch(() => undefined)
  if (refusals.has(response.status)) return { kind: 'refused', reason, indexes: indexesOf(problem) }
  // Also a wrong token or path: it may be put right while the probe runs on.
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return { kind: 'later', reason, ...(seconds >= 0 && { afterMs: Math.min(seconds * 1_000, afterMaxMs) }) }
}

function indexesOf(problem: unknown): number[] {
  const errors = (problem as { errors?: unknown } | undefined)?.errors
  if (!Array.isArray(errors)) return []
  const indexes = errors.map((error: unknown) => (error as { index?: unknown } | null)?.index)
  return [...new Set(indexes.filter((index) => typeof index === 'number'))]
}
