import { expect, it } from 'vitest'
import { probeErrorOf } from '../../src/monitor/probe-error.ts'

const failed = (code: string) => Object.assign(new Error(code), { code })

it.each([
  ['ENOTFOUND', 'dns', 'dns_failed'],
  ['EAI_AGAIN', 'dns', 'dns_failed'],
  ['EHOSTUNREACH', 'connect', 'network_unreachable'],
  ['ETIMEDOUT', 'connect', 'connect_timeout'],
  ['ECONNRESET', 'tls', 'tls_failed'],
  ['EPROTO', 'tls', 'tls_failed'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'tls_failed'],
  ['CERT_HAS_EXPIRED', 'tls', 'tls_certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'tls_certificate'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls', 'tls_certificate'],
  ['EPIPE', 'response', 'connection_lost'],
  ['HPE_INVALID_EOF_STATE', 'response', 'connection_lost'],
  ['HPE_HEADER_OVERFLOW', 'response', 'malformed_response'],
  ['EMFILE', 'connect', 'probe_failed'],
] as const)('%s while the probe waits for %s is told as %s', (code, stage, told) => {
  expect(probeErrorOf(failed(code), stage)).toBe(told)
})
