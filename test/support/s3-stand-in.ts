import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { listenOnLoopback } from './loopback-server.ts'
import { parseAuthorization, sha256, signatureOf } from './signature-v4.ts'

/** `slow down`: 503 to everything, as S3 does under load; `wrong body`: GET gives other bytes than were stored. */
export type S3Behaviour = 'ok' | 'slow down' | 'hang' | 'wrong body'

interface Bucket {
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
}

/** Amazon S3 API Reference, "Error Responses": code → status and text. */
const errors = {
  AccessDenied: [403, 'Access Denied'],
  AuthorizationHeaderMalformed: [400, 'The authorization header is malformed.'],
  InvalidAccessKeyId: [403, 'The AWS access key ID you provided does not exist in our records.'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and the current time is too large.'],
  SignatureDoesNotMatch: [403, 'The request signature we calculated does not match the signature you provided.'],
  SlowDown: [503, 'Reduce your request rate.'],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' header does not match what was computed."],
} as const
type ErrorCode = keyof typeof errors

/** Requests older or newer than this are refused (S3: 15 minutes). */
const maxSkewMs = 15 * 60 * 1_000

/** One bucket of an S3 service with path-style addresses, which refuses what is not signed as it must be. */
export async function startS3StandIn(options: Bucket) {
  let behaviour: S3Behaviour = 'ok'
  const requests: string[] = []
  const objects = new Map<string, Buffer>()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests.push(`${request.method} ${request.url}`)
    const body = await buffer(request)
    if (behaviour === 'hang') return
    const refusal = behaviour === 'slow down' ? 'SlowDown' : refusalOf(request, body, options)
    const [, bucket, ...key] = decodeURIComponent(new URL(request.url ?? '', 'http://host.invalid').pathname).split('/')
    const error = refusal ?? (bucket === options.bucket ? undefined : 'NoSuchBucket')
    if (error !== undefined) return refuse(request, response, error)
    const served = serve(request.method ?? '', key.join('/'), body)
    if (typeof served === 'string') return refuse(request, response, served)
    response.writeHead(served.statusCode, { 'x-amz-request-id': 'stand-in' }).end(served.body)
  }

  function serve(method: string, key: string, body: Buffer): { statusCode: number; body?: Buffer } | ErrorCode {
    if (key === '') return method === 'HEAD' ? { statusCode: 200 } : 'MethodNotAllowed'
    if (method === 'PUT') {
      objects.set(key, body)
      return { statusCode: 200 }
    }
    if (method === 'DELETE') {
      objects.delete(key)
      return { statusCode: 204 }
    }
    const stored = objects.get(key)
    if (method !== 'GET') return 'MethodNotAllowed'
    if (stored === undefined) return 'NoSuchKey'
    return { statusCode: 200, body: behaviour === 'wrong body' ? Buffer.from('something else') : stored }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => response.destroy(error))
  })
  const { port, connections, close } = await listenOnLoopback(server)

  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests: requests as readonly string[],
    objects: objects as ReadonlyMap<string, Buffer>,
    connections,
    behave(next: S3Behaviour) {
      behaviour = next
    },
    close,
  }
}

function refusalOf(request: IncomingMessage, body: Buffer, bucket: Bucket): ErrorCode | undefined {
  const headers = request.headers as Record<string, string>
  if (headers.authorization === undefined) return 'AccessDenied'
  const authorization = parseAuthorization(headers.authorization)
  if (authorization === undefined || authorization.service !== 's3') return 'AuthorizationHeaderMalformed'
  if (authorization.region !== bucket.region) return 'AuthorizationHeaderMalformed'
  if (authorization.accessKeyId !== bucket.accessKeyId) return 'InvalidAccessKeyId'
  const mustBeSigned = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))]
  if (mustBeSigned.some((name) => !authorization.signedHeaders.includes(name))) return 'AccessDenied'
  const timestamp = headers['x-amz-date'] ?? ''
  const atMs = Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'))
  if (!(Math.abs(Date.now() - atMs) < maxSkewMs)) return 'RequestTimeTooSkewed'
  const signed = { method: request.method ?? '', target: request.url ?? '', headers }
  const signature = signatureOf(signed, authorization, bucket.secretAccessKey)
  if (!timestamp.startsWith(authorization.date) || signature !== authorization.signature) return 'SignatureDoesNotMatch'
  const payloadHash = headers['x-amz-content-sha256']
  if (payloadHash !== 'UNSIGNED-PAYLOAD' && payloadHash !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  return undefined
}

function refuse(request: IncomingMessage, response: ServerResponse, code: ErrorCode): void {
  const [statusCode, message] = errors[code]
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`
  response.writeHead(statusCode, { 'content-type': 'application/xml' }).end(request.method === 'HEAD' ? '' : xml)
}
