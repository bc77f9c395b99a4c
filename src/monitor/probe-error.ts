import { proberOffline } from '../observation/observation.ts'

/**
 * Why a probe has no usable answer: the closed list of `errorCode` (docs/monitor.md says what to do about each), beside
 * `fly_` and a code of Fly's proxy. An observation with a status code may have one too: the answer was of no use.
 */
export const probeErrors = [
  /** The name has no address, or no resolver knew. */
  'dns_failed',
  'dns_timeout',
  'connection_refused',
  /** No route to the host or its network. */
  'network_unreachable',
  'connect_timeout',
  /** The handshake failed. */
  'tls_failed',
  /** The certificate is expired, for another host, or by nobody that is trusted. */
  'tls_certificate',
  'tls_timeout',
  /** The connection broke before the answer was complete. */
  'connection_lost',
  /** Connected, and no first byte came. */
  'response_timeout',
  /** The answer began and did not end. */
  'body_timeout',
  'body_too_large',
  /** Not HTTP. */
  'malformed_response',
  /** Redirects are not followed: what answers there is not what was asked. */
  'redirected',
  /** The body is no JSON. */
  'not_json',
  /** JSON without a `status` of health. */
  'not_health',
  /** Nothing of the above. */
  'probe_failed',
  proberOffline,
] as const
export type ProbeError = (typeof probeErrors)[number]

/** How far a probe had come. */
export type ProbeStage = 'dns' | 'connect' | 'tls' | 'response' | 'body'

export const timeoutErrors: Readonly<Record<ProbeStage, ProbeError>> = {
  dns: 'dns_timeout',
  connect: 'connect_timeout',
  tls: 'tls_timeout',
  response: 'response_timeout',
  body: 'body_timeout',
}

const byCode: Readonly<Record<string, ProbeError>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_lost',
  ECONNABORTED: 'connection_lost',
  EPIPE: 'connection_lost',
  ENETUNREACH: 'network_unreachable',
  EHOSTUNREACH: 'network_unreachable',
  ENETDOWN: 'network_unreachable',
  EHOSTDOWN: 'network_unreachable',
  EADDRNOTAVAIL: 'network_unreachable',
  ETIMEDOUT: 'connect_timeout',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_certificate',
}

/** OpenSSL's names of what a certificate can be refused for: X509_V_ERR_… of its verify(1), as Node.js tells them. */
const certificateCode =
  /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_CERT_|INVALID_(?:CA|PURPOSE)|HOSTNAME_MISMATCH|PATH_LENGTH_)/

/** The code for what Node.js threw at this stage. */
export function probeErrorOf(error: unknown, stage: ProbeStage): ProbeError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (stage === 'dns') return 'dns_failed'
  if (code.startsWith('HPE_')) return code === 'HPE_INVALID_EOF_STATE' ? 'connection_lost' : 'malformed_response'
  if (certificateCode.test(code)) return 'tls_certificate'
  const known = byCode[code]
  // A connection that breaks in the handshake is what a server does that speaks no TLS, or refuses ours.
  if (stage === 'tls' && (known === 'connection_lost' || known === undefined)) return 'tls_failed'
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') return 'tls_failed'
  return known ?? 'probe_failed'
}

/** Codes of https://fly.io/docs/monitoring/error-codes: P, a letter, two digits. */
const flyCode = /\bP[ACLMRU]\d{2}\b/

/**
 * What Fly's proxy says of itself when it answers in place of the machine: by a header or, without one, at the head of
 * its own answer. Undefined for answers of the service.
 */
export function flyErrorOf(statusCode: number, header: string | undefined, bodyText: string): string | undefined {
  if (statusCode < 400) return undefined
  const found = flyCode.exec(header ?? '') ?? flyCode.exec(bodyText.slice(0, 2_000))
  return found === null ? undefined : `fly_${found[0]}`
}
