/** Why an event did not arrive, in the words that the health checks use too. */
export type DeliveryCode =
  | 'timeout'
  | 'connection_refused'
  | 'connection_lost'
  | 'dns_failed'
  | 'tls_failed'
  | 'auth_failed'
  | 'bad_response'
  | 'check_failed'

/** What became of the last event that was handed to the error reporter. `message` never quotes the receiver's address. */
export type Delivery =
  | { readonly state: 'none' | 'delivered' }
  | { readonly state: 'failed'; readonly code: DeliveryCode; readonly message: string }

const codesBySystemError: Readonly<Record<string, DeliveryCode>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
  ENOTFOUND: 'dns_failed',
  EAI_AGAIN: 'dns_failed',
  ETIMEDOUT: 'timeout',
}

export const failed = (code: DeliveryCode, message: string): Delivery => ({ state: 'failed', code, message })

/** `statusCode`: of the receiver's answer; undefined when the SDK sent nothing. */
export function deliveryOfStatus(statusCode: number | undefined): Delivery {
  if (statusCode === undefined) {
    return failed(
      'bad_response',
      'the SDK held the event back: the receiver asked for a pause, or too many are under way',
    )
  }
  if (statusCode >= 200 && statusCode < 300) return { state: 'delivered' }
  const code = statusCode === 401 || statusCode === 403 ? 'auth_failed' : 'bad_response'
  return failed(code, `the receiver answered ${statusCode}`)
}

export function deliveryOfError(error: unknown): Delivery {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  const isTls = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)
  return failed(
    codesBySystemError[code] ?? (isTls ? 'tls_failed' : 'check_failed'),
    `the receiver was not reached: ${code}`,
  )
}
