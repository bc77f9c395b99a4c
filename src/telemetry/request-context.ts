import { AsyncLocalStorage } from 'node:async_hooks'
import type { ActiveSpan } from './tracing.ts'

/** What a log line, a slow statement, a span or a captured error needs to know of the work that it belongs to. */
export interface RequestContext {
  /** Undefined in work that is no request: a run of a check, a job. */
  readonly requestId?: string | undefined
  /** Fly's own id of the request (`Fly-Request-Id`), to find it in Fly's logs. */
  readonly flyRequestId?: string | undefined
  /** The span that what happens now belongs to; undefined while nobody traces. */
  readonly span?: ActiveSpan | undefined
  /** The matched route template; undefined before a route matched. Never the raw path. */
  route?(): string | undefined
}

/** One for the process: an AsyncLocalStorage is a key into Node's own async context, not state of this module. */
export const requestContext = new AsyncLocalStorage<RequestContext>()
