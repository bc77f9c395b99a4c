import type { Config } from '../config.ts'
import { type Delivery, failed } from './delivery.ts'
import type { Logger } from './logger.ts'
import { createRedaction } from './redaction.ts'
import { requestContext } from './request-context.ts'
import type { CaptureContext, SentryClient } from './sentry-client.ts'

export interface ErrorReporter {
  readonly configured: boolean
  /** Hands the error on and returns at once. Without a DSN it does nothing. */
  capture(error: unknown, context?: CaptureContext): void
  /** Loads the SDK now instead of at the first error. */
  load(): Promise<void>
  /**
   * Resolves with true once nothing captured is under way any more, with false when the time is over first. Loading the
   * SDK, where an error set that off just before, comes on top.
   */
  flush(timeoutMs: number): Promise<boolean>
  lastDelivery(): Delivery
}

/** Errors captured while the SDK loads. Later ones of a storm say nothing that these don't. */
const maxWaiting = 20

/**
 * Carries errors to Sentry. The SDK costs about ten times the start of the service, so it is imported at the first
 * error (or by `load`), and not at all without a DSN.
 */
export function createErrorReporter(options: {
  sentry: Config['sentry']
  release: string
  environment: string
  machine: string
  region: string
  secrets: readonly string[]
  log: Pick<Logger, 'info' | 'warn'>
  deliveryTimeoutMs?: number
}): ErrorReporter {
  const { sentry, log } = options
  if (sentry === undefined) return disabledReporter
  const { dsn } = sentry
  let delivery: Delivery = { state: 'none' }
  let client: SentryClient | undefined
  let loading: Promise<void> | undefined
  const waiting: { readonly error: unknown; readonly context: CaptureContext }[] = []

  function onDelivery(next: Delivery): void {
    // Once per outage, and not once per error in it.
    if (next.state === 'failed' && delivery.state !== 'failed') {
      log.warn({ event: 'error_reporter_failed', code: next.code }, `an error did not reach Sentry: ${next.message}`)
    }
    delivery = next
  }

  async function importClient(): Promise<void> {
    const startedMs = performance.now()
    try {
      const { createSentryClient } = await import('./sentry-client.ts')
      const redaction = createRedaction(options.secrets)
      client = createSentryClient({
        ...options,
        deliveryTimeoutMs: options.deliveryTimeoutMs ?? 10_000,
        dsn,
        redaction,
        onDelivery,
      })
      for (const { error, context } of waiting.splice(0)) client.capture(error, context)
      log.info({ event: 'error_reporter_loaded', durationMs: performance.now() - startedMs }, 'Sentry is loaded')
    } catch (error) {
      delivery = failed('check_failed', 'the Sentry SDK could not be loaded; see the log')
      log.warn({ event: 'error_reporter_failed', error }, 'the Sentry SDK could not be loaded')
    }
  }

  function load(): Promise<void> {
    loading ??= importClient()
    return loading
  }

  return {
    configured: true,
    capture(error, given = {}) {
      const context = { span: requestContext.getStore()?.span, ...given }
      if (client !== undefined) return client.capture(error, context)
      if (waiting.length < maxWaiting) waiting.push({ error, context })
      void load()
    },
    load,
    async flush(timeoutMs) {
      if (loading === undefined) return true
      // Not against the clock: Node loads modules synchronously, so no timer could end it.
      await loading
      return (await client?.flush(timeoutMs)) ?? false
    },
    lastDelivery: () => delivery,
  }
}

const disabledReporter: ErrorReporter = {
  configured: false,
  capture() {
    // Nobody to tell: the log has the error.
  },
  load: async () => undefined,
  flush: async () => true,
  lastDelivery: () => ({ state: 'none' }),
}
