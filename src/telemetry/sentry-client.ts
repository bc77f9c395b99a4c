/**
 * The only file that imports the Sentry SDK, and itself imported at the first need: named imports, so that a bundle
 * keeps only these. The client is built by hand instead of by `Sentry.init`, which would read `SENTRY_*` from the
 * environment, set global state and install its hooks.
 */
import {
  dedupeIntegration,
  defaultStackParser,
  type ErrorEvent,
  type EventHint,
  linkedErrorsIntegration,
  makeNodeTransport,
  NodeClient,
  nodeContextIntegration,
  Scope,
} from '@sentry/node'
import { type Delivery, deliveryOfError, deliveryOfStatus, failed } from './delivery.ts'
import { maskQuoted, quotesValues } from './error-fields.ts'
import type { Redaction } from './redaction.ts'
import type { SpanIds } from './tracing.ts'

export interface CaptureContext {
  readonly requestId?: string | undefined
  readonly tags?: Readonly<Record<string, string>>
  /** The span in which it happened: the event gets the ids of its trace. */
  readonly span?: SpanIds | undefined
  /** The process ends because of it. */
  readonly uncaught?: boolean
}

export interface SentryClient {
  capture(error: unknown, context: CaptureContext): void
  flush(timeoutMs: number): Promise<boolean>
}

/** Checked before the SDK sees it: of one that it can't read it prints the whole text, and then drops every event. */
const dsnForm = /^https?:\/\/\w+(:\w*)?@[^/@]+\/(.+\/)?\d+$/

export function createSentryClient(options: {
  dsn: string
  release: string
  environment: string
  machine: string
  region: string
  redaction: Redaction | undefined
  /** A receiver that takes longer to answer counts as not reached. */
  deliveryTimeoutMs: number
  onDelivery: (delivery: Delivery) => void
}): SentryClient {
  const { machine, region, redaction, deliveryTimeoutMs, onDelivery } = options
  if (!dsnForm.test(options.dsn)) {
    throw new Error('SENTRY_DSN is not of the form https://key@host/project; copy it from the settings of the project')
  }
  const client = new NodeClient({
    dsn: options.dsn,
    release: options.release,
    environment: options.environment,
    serverName: machine,
    // None that patches a module, a global or the process; no source lines, no request data.
    integrations: [
      linkedErrorsIntegration(),
      dedupeIntegration(),
      nodeContextIntegration({ device: false, culture: false, cloudResource: false }),
    ],
    enableRuntimeChannelInjection: false,
    traceLifecycle: 'static',
    sendClientReports: false,
    stackParser: defaultStackParser,
    transport: (transportOptions) => {
      const transport = makeNodeTransport(transportOptions)
      return { ...transport, send: (envelope) => observed(transport.send(envelope), deliveryTimeoutMs, onDelivery) }
    },
    beforeSend: (event, hint) => scrubbed(event, hint, redaction),
  })
  client.init()

  return {
    capture(error, { requestId, tags, span, uncaught = false }) {
      const scope = new Scope()
      if (span !== undefined) {
        const { traceId, spanId: propagationSpanId } = span
        scope.setPropagationContext({ ...scope.getPropagationContext(), traceId, propagationSpanId })
      }
      scope.setTags({ ...tags, machine, region, ...(requestId === undefined ? {} : { request_id: requestId }) })
      if (uncaught) scope.setLevel('fatal')
      const mechanism = { type: uncaught ? 'onuncaughtexception' : 'generic', handled: !uncaught }
      scope.setClient(client)
      scope.captureException(error, { mechanism })
    },
    flush: async (timeoutMs) => client.flush(timeoutMs),
  }
}

type Response = Awaited<ReturnType<ReturnType<typeof makeNodeTransport>['send']>>

async function observed(
  sending: PromiseLike<Response>,
  timeoutMs: number,
  onDelivery: (delivery: Delivery) => void,
): Promise<Response> {
  const overdue = setTimeout(() => onDelivery(failed('timeout', 'the receiver did not answer in time')), timeoutMs)
  overdue.unref()
  try {
    const response = await sending
    onDelivery(deliveryOfStatus(response.statusCode))
    return response
  } catch (error) {
    onDelivery(deliveryOfError(error))
    throw error
  } finally {
    clearTimeout(overdue)
  }
}

/** The processing metadata stays as it is: it never leaves the process, and it holds the SDK's own objects. */
function scrubbed(event: ErrorEvent, hint: EventHint, redaction: Redaction | undefined): ErrorEvent {
  if (quotesValues(hint.originalException)) {
    for (const exception of event.exception?.values ?? []) exception.value &&= maskQuoted(exception.value)
  }
  if (redaction === undefined) return event
  const { sdkProcessingMetadata, ...leaving } = event
  return { ...redaction.value(leaving), sdkProcessingMetadata }
}
