import { expect, test } from 'vitest'
import { deliveryOfError, deliveryOfStatus } from '../../src/telemetry/delivery.ts'

test.each([
  [200, undefined],
  [202, undefined],
  [401, 'auth_failed'],
  [403, 'auth_failed'],
  [413, 'bad_response'],
  [429, 'bad_response'],
  [500, 'bad_response'],
  [undefined, 'bad_response'],
] as const)('an answer of %s is told as %s', (statusCode, code) => {
  expect(deliveryOfStatus(statusCode)).toMatchObject(
    code === undefined ? { state: 'delivered' } : { state: 'failed', code },
  )
})

test.each([
  ['ECONNREFUSED', 'connection_refused'],
  ['ECONNRESET', 'connection_lost'],
  ['ENOTFOUND', 'dns_failed'],
  ['ETIMEDOUT', 'timeout'],
  ['CERT_HAS_EXPIRED', 'tls_failed'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_failed'],
  ['EMFILE', 'check_failed'],
])('a failure with %s is told as %s, without an address', (code, reason) => {
  const error = Object.assign(new Error(`${code} sentry.internal:443`), { code })
  expect(deliveryOfError(error)).toEqual({
    state: 'failed',
    code: reason,
    message: `the receiver was not reached: ${code}`,
  })
})
