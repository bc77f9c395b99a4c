import { AsyncLocalStorage } from 'node:async_hooks'

/** What a log line, a slow statement or a captured error needs to know of the request that it belongs to. */
export interface RequestContext {
  readonly requestId: string
  /** Fly's own id of the request (`Fly-Request-Id`), to find it in Fly's logs. */
  readonly flyRequestId?: string | undefined
  readonly traceId?: string | undefined
  /** The matched route template; undefined before a route matched. Never the raw path. */
  route(): string | undefined
}

/** One for the process: an AsyncLocalStorage is a key into Node's own async context, not state of this module. */
export const requestContext = new AsyncLocalStorage<RequestContext>()
