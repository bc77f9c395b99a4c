import { Agent, request as httpRequest } from 'node:http'

/** What to send, and which answer to it is right. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  isRight(statusCode: number | undefined, body: string): boolean
}

/**
 * answered: whole, whatever its status. refused: nobody listened, nothing was sent. reset: the connection ended before
 * the first byte of an answer. cut: it ended in the middle of one. timeout: no whole answer in time.
 */
export type AttemptOutcome = 'answered' | 'refused' | 'reset' | 'cut' | 'timeout'

export interface Attempt {
  /** Sent as X-Request-Id; no two attempts share one. */
  readonly requestId: string
  readonly outcome: AttemptOutcome
  readonly statusCode: number | undefined
  readonly machine: string | undefined
  /** The connection had served a request before. */
  readonly reused: boolean
  /** Milliseconds of `performance.now()`, from which on it had a connection. */
  readonly sentMs: number
  readonly endedMs: number
  readonly body: string
}

export interface LoadOutcome {
  readonly request: LoadRequest
  /** The instant at which it was to be sent, whatever had become of those before it. */
  readonly dueMs: number
  /** More than one when reused connections were reset: the last counts. */
  readonly attempts: readonly Attempt[]
  readonly last: Attempt
  /** Answered, and rightly. */
  readonly ok: boolean
}

export interface OpenLoad {
  /** Those that are over, in the order of their ends. */
  readonly outcomes: readonly LoadOutcome[]
  /** Sends no more; resolves with all outcomes when the last is over. */
  stop(): Promise<readonly LoadOutcome[]>
}

const tickMs = 1
/**
 * A request that finds all of them busy waits for one, and its time runs from then on. Without a limit a moment's stall makes a storm of new connections,
 * of which Node's servers accept one per turn of their loop, and what is measured is that.
 */
const connectionsMax = 64
/** Each attempt meets a connection that was idle for long enough to be closed; two in a row are no accident. */
const attemptsMax = 3

/**
 * Sends requests at fixed instants over kept connections: a server that stalls is asked on, as by people who do not know
 * of each other. A reused connection that was reset before the first byte of an answer may have
 * been closed while idle: the request is sent again, as RFC 9112, 9.3.1 lets a client do.
 */
export function startOpenLoad(options: {
  origin: string
  perSecond: number
  requestOf: (index: number) => LoadRequest
  timeoutMs?: number
}): OpenLoad {
  const { origin, perSecond, requestOf, timeoutMs = 20_000 } = options
  const { hostname, port } = new URL(origin)
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax, maxFreeSockets: connectionsMax })
  const loadId = Math.random().toString(36).slice(2, 10)
  const outcomes: LoadOutcome[] = []
  const underWay = new Set<Promise<void>>()
  const begunMs = performance.now()
  let sent = 0

  function attempt(load: LoadRequest, requestId: string): Promise<Attempt> {
    const { promise, resolve } = Promise.withResolvers<Attempt>()
    let sentMs = performance.now()
    let timer: NodeJS.Timeout | undefined
    let body = ''
    let bytesBefore = 0
    const headers = { ...load.headers, 'X-Request-Id': requestId }
    const request = httpRequest({ agent, hostname, port, path: load.path, method: load.method, headers })
    const finish = (outcome: AttemptOutcome, statusCode?: number, machine?: string | string[]) => {
      clearTimeout(timer)
      const { reusedSocket: reused } = request
      const endedMs = performance.now()
      resolve({ requestId, outcome, statusCode, machine: machine?.toString(), reused, sentMs, endedMs, body })
    }
    request.on('socket', (socket) => {
      sentMs = performance.now()
      bytesBefore = socket.bytesRead
      timer = setTimeout(() => {
        finish('timeout')
        request.destroy()
      }, timeoutMs)
    })
    request.on('response', (response) => {
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('end', () => finish('answered', response.statusCode, response.headers['medio-machine']))
      response.on('error', () => finish('cut', response.statusCode))
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') finish('refused')
      else finish((request.socket?.bytesRead ?? 0) > bytesBefore ? 'cut' : 'reset')
    })
    request.end(load.body)
    return promise
  }

  async function send(index: number, dueMs: number): Promise<void> {
    const request = requestOf(index)
    const attempts: Attempt[] = []
    let last: Attempt
    do {
      last = await attempt(request, `load-${loadId}-${index}-${attempts.length}`)
      attempts.push(last)
    } while (last.outcome === 'reset' && last.reused && attempts.length < attemptsMax)
    const ok = last.outcome === 'answered' && request.isRight(last.statusCode, last.body)
    outcomes.push({ request, dueMs, attempts, last, ok })
  }

  const timer = setInterval(() => {
    for (;;) {
      const dueMs = begunMs + (sent * 1_000) / perSecond
      if (dueMs > performance.now()) return
      const one = send(sent, dueMs).then(() => {
        underWay.delete(one)
      })
      underWay.add(one)
      sent += 1
    }
  }, tickMs)

  return {
    outcomes,
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      agent.destroy()
      return outcomes
    },
  }
}

/** How late the latest request was sent: much more than a moment means that this host is too slow for the load. */
export function latestSentMs(outcomes: readonly LoadOutcome[]): number {
  return Math.round(
    outcomes.reduce((most, { dueMs, attempts }) => Math.max(most, (attempts[0]?.sentMs ?? 0) - dueMs), 0),
  )
}

/** One request with one of its attempts. */
export interface Exchange {
  readonly request: LoadRequest
  readonly attempt: Attempt
}

/** How many there are of each kind: for a message that a person can read. */
export function tally(exchanges: readonly Exchange[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { request, attempt } of exchanges) {
    const { outcome, statusCode = '', reused, body } = attempt
    const reason = /"(?:detail|code)":"[^"]*"/.exec(body)?.[0] ?? ''
    const kind = `${request.method} ${request.path} ${reused ? 'reused' : 'new'} ${outcome} ${statusCode} ${reason}`
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}
