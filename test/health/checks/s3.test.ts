import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { classifyFailure } from '../../../src/health/checks/failure-code.ts'
import { createS3Check } from '../../../src/health/checks/s3.ts'
import { startS3StandIn } from '../../support/s3-stand-in.ts'
import { parseAuthorization, signatureOf } from '../../support/signature-v4.ts'

const { signal } = new AbortController()
const bucket = { bucket: 'medio', accessKeyId: 'tid_key', secretAccessKey: 'tsec/secret+key', region: 'auto' }
let storage: Awaited<ReturnType<typeof startS3StandIn>>
beforeEach(async () => {
  storage = await startS3StandIn(bucket)
})
afterEach(() => storage.close())

function checkWith(changes: Partial<typeof bucket> = {}, machineId = 'm1') {
  return createS3Check({ s3: { ...bucket, endpoint: storage.endpoint, ...changes }, machineId })
}

async function failureOf(work: unknown) {
  const error = await Promise.resolve(work).then(
    () => expect.unreachable('the check was to fail'),
    (reason: unknown) => reason,
  )
  return classifyFailure(error)
}

describe('the stand-in for object storage', () => {
  it("computes the signature of the example in Amazon's manual", () => {
    const authorization = parseAuthorization(
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    )
    if (authorization === undefined) return expect.unreachable('the header of the manual was not understood')
    const request = {
      method: 'GET',
      target: '/test.txt',
      headers: {
        host: 'examplebucket.s3.amazonaws.com',
        range: 'bytes=0-9',
        'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        'x-amz-date': '20130524T000000Z',
      },
    }
    const signature = signatureOf(request, authorization, 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')
    expect(signature).toBe(authorization.signature)
  })

  it('refuses what is not signed, with the XML of S3', async () => {
    const response = await fetch(`${storage.endpoint}/medio/key`)
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('<Error><Code>AccessDenied</Code>')
  })
})

describe('the object storage check', () => {
  it('asks for the bucket with one signed HEAD', async () => {
    expect(await checkWith().run(signal)).toEqual({ observedValue: expect.any(Number), observedUnit: 'ms' })
    expect(storage.requests).toEqual(['HEAD /medio'])
  })

  it('keeps no connection, which would be dead after the machine was suspended', async () => {
    const check = checkWith()
    await check.run(signal)
    await check.runDeep?.(signal)
    await vi.waitUntil(() => storage.connections() === 0, { timeout: 3_000 })
    expect(storage.requests).toHaveLength(4)
  })

  it('writes, reads back and deletes one key of its machine in a deep run', async () => {
    expect(await checkWith({}, '28715d4c671438').runDeep?.(signal)).toEqual({
      observedValue: expect.any(Number),
      observedUnit: 'ms',
    })
    const path = '/medio/medio-health/28715d4c671438'
    expect(storage.requests).toEqual([`PUT ${path}`, `GET ${path}`, `DELETE ${path}`])
    expect(storage.objects.size).toBe(0)
  })

  it('fails deep when another body comes back', async () => {
    storage.behave('wrong body')
    expect(await failureOf(checkWith().runDeep?.(signal))).toMatchObject({ code: 'bad_response' })
  })

  it('reads a wrong secret and a wrong key id as failed authentication', async () => {
    expect(await failureOf(checkWith({ secretAccessKey: 'wrong' }).run(signal))).toMatchObject({
      code: 'auth_failed',
      message: 'object storage answered HEAD with 403 (no code)',
    })
    expect(await failureOf(checkWith({ secretAccessKey: 'wrong' }).runDeep?.(signal))).toMatchObject({
      code: 'auth_failed',
      message: 'object storage answered PUT with 403 (SignatureDoesNotMatch)',
    })
    expect(await failureOf(checkWith({ accessKeyId: 'nobody' }).runDeep?.(signal))).toMatchObject({
      message: 'object storage answered PUT with 403 (InvalidAccessKeyId)',
    })
  })

  it('reads a bucket that is not there and an overloaded service as bad answers', async () => {
    expect(await failureOf(checkWith({ bucket: 'elsewhere' }).run(signal))).toMatchObject({
      code: 'bad_response',
      message: 'object storage answered HEAD with 404 (no code)',
    })
    storage.behave('slow down')
    expect(await failureOf(checkWith().runDeep?.(signal))).toMatchObject({
      code: 'bad_response',
      message: 'object storage answered PUT with 503 (SlowDown)',
    })
    expect(storage.requests).toHaveLength(2)
  })

  it('reads a closed port as a refused connection', async () => {
    await storage.close()
    expect(await failureOf(checkWith().run(signal))).toMatchObject({ code: 'connection_refused' })
    storage = await startS3StandIn(bucket)
  })

  it('closes the connection as soon as the signal aborts', async () => {
    storage.behave('hang')
    const controller = new AbortController()
    const run = checkWith().runDeep?.(controller.signal)
    await vi.waitUntil(() => storage.requests.length === 1)
    expect(storage.connections()).toBe(1)
    controller.abort()
    expect(await failureOf(run)).toMatchObject({ code: 'timeout' })
    await vi.waitUntil(() => storage.connections() === 0)
    expect(storage.requests).toHaveLength(1)
  })
})
