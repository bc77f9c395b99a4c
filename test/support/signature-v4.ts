/**
 * AWS Signature Version 4 in the Authorization header, written from the manual ("Authenticating Requests: Using the
 * Authorization Header", Amazon S3 API Reference) and from nothing else, to judge what a client library sends.
 */
import { createHash, createHmac } from 'node:crypto'

export interface SignedRequest {
  readonly method: string
  /** Path and query as they stand in the request line. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface Authorization {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

const authorizationForm =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/

export function parseAuthorization(text: string | undefined): Authorization | undefined {
  const [, accessKeyId, date, region, service, names, signature] = authorizationForm.exec(text ?? '') ?? []
  if (!accessKeyId || !date || !region || !service || !names || !signature) return undefined
  return { accessKeyId, date, region, service, signedHeaders: names.split(';'), signature }
}

/** The signature that the request should carry, in hexadecimal. */
export function signatureOf(request: SignedRequest, authorization: Authorization, secretAccessKey: string): string {
  const { date, region, service } = authorization
  const timestamp = request.headers['x-amz-date'] ?? ''
  const scope = `${date}/${region}/${service}/aws4_request`
  const stringToSign = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonicalRequest(request, authorization))].join(
    '\n',
  )
  const signingKey = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  return hmac(signingKey, stringToSign).toString('hex')
}

function canonicalRequest({ method, target, headers }: SignedRequest, { signedHeaders }: Authorization): string {
  const url = new URL(target, 'http://host.invalid')
  const path = url.pathname.split('/').map((segment) => encode(decodeURIComponent(segment)))
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort()
  const lines = signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`)
  const payloadHash = headers['x-amz-content-sha256'] ?? ''
  return [method, path.join('/'), query.join('&'), lines.join(''), signedHeaders.join(';'), payloadHash].join('\n')
}

/** UriEncode() of the manual: everything but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function hmac(key: string | Buffer, content: string): Buffer {
  return createHmac('sha256', key).update(content).digest()
}
