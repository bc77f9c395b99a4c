import supertest from 'supertest'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startHttpStandIn } from '../support/http-stand-in.ts'
import { type InProcessService, startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const tokens = ['first-operator-token', 'second-operator-token'] as const
const wrong = 'a-token-that-is-not-one'
const operatorPaths = ['/api/health/deep', '/api/health/checks/disk', '/api/deployments'] as const

let database: TestDatabase
let service: InProcessService
let downUrl: string

beforeAll(async () => {
  database = await createTestDatabase()
  const down = await startHttpStandIn()
  await down.close()
  downUrl = down.url
})
afterEach(async () => {
  await service[Symbol.asyncDispose]()
})
afterAll(async () => {
  await database.drop()
})

async function startProduction(env: Readonly<Record<string, string>> = {}): Promise<void> {
  service = await startInProcess({
    ...{ ENVIRONMENT: 'production', DATABASE_URL: database.url, DRAIN_DELAY_MS: '0' },
    ...{ OPERATOR_TOKEN: tokens.join(','), EXTERNAL_APIS: `down=${downUrl}` },
    ...env,
  })
}

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  supertest(service.url).get(path).set(headers)
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
const isUnauthorized = { status: 401, type: 'about:blank', title: 'Unauthorized' }

describe('in production', () => {
  it.each(operatorPaths)('%s without a token gets 401 with the challenge of RFC 6750', async (path) => {
    await startProduction()
    const others: Readonly<Record<string, string>>[] = [
      {},
      { Authorization: '' },
      { Authorization: 'Basic b3A6eA==' },
      { Authorization: 'Bearer' },
    ]
    for (const headers of others) {
      const answer = await get(path, headers)
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="medio"'])
      expect(answer.body).toMatchObject({ ...isUnauthorized, requestId: answer.headers['x-request-id'] })
      const lines = await service.linesOf(String(answer.headers['x-request-id']))
      expect(lines.map(({ level, event, statusCode }) => [level, event, statusCode])).toEqual([
        ['info', 'request_completed', 401],
      ])
    }
  })

  it.each(operatorPaths)('%s with a wrong token gets 401, and a line that does not repeat it', async (path) => {
    await startProduction()
    const answer = await get(path, bearer(wrong))
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="medio", error="invalid_token"',
    ])
    expect(answer.text).not.toContain(wrong)
    const rejections = service.lines.filter((line) => line.event === 'token_rejected')
    expect(rejections).toMatchObject([{ level: 'warn', client: '::ffff:127.0.0.1' }])
    expect(JSON.stringify(service.lines)).not.toContain(wrong)
  })

  it.each(tokens)('the token %s opens all that needs one, and no line or answer repeats it', async (token) => {
    await startProduction()
    for (const path of operatorPaths) {
      const answer = await get(path, { Authorization: `bearer  ${token} ` })
      expect([path, answer.status]).toEqual([path, 200])
      await service.linesOf(String(answer.headers['x-request-id']))
      expect(answer.text).not.toContain(token)
    }
    // Also where a caller puts it by mistake.
    const misplaced = await get(`/api/health?token=${token}`, { 'X-Request-Id': 'misplaced' })
    expect(misplaced.status).toBe(200)
    await get(`/nothing/${token}?token=${token}`, { 'X-Request-Id': 'in-the-path' })
    expect(await service.linesOf('misplaced')).toMatchObject([{ path: '/api/health' }])
    expect(await service.linesOf('in-the-path')).toMatchObject([{ path: '/nothing/[redacted]' }])
    expect(JSON.stringify(service.lines)).not.toContain(token)
  })

  it('the plain report is open, tells the reasons without their texts, and refuses a wrong token all the same', async () => {
    await startProduction()
    const [open, told, refused] = [
      await get('/api/health'),
      await get('/api/health', bearer(tokens[0])),
      await get('/api/health', bearer(wrong)),
    ]
    expect([open.status, told.status, refused.status]).toEqual([200, 200, 401])
    expect(open.body.reasons[0]).toMatchObject({ check: 'external_api:down', code: 'connection_refused' })
    expect(open.text).not.toContain('127.0.0.1')
    expect(told.body.reasons[0].message).toContain('ECONNREFUSED')
    for (const path of ['/api/health/live', '/api/health/ready', '/api/health/startup']) {
      expect([path, (await get(path, bearer(wrong))).status]).toEqual([path, 200])
    }
  })

  it('ten wrong tokens a minute are answered; then 429 with Retry-After, and for the right token too', async () => {
    await startProduction()
    const paths = [...operatorPaths, '/api/health']
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect((await get(paths[attempt % paths.length] ?? '', bearer(`${wrong}-${attempt}`))).status).toBe(401)
    }
    for (const path of paths) {
      for (const token of [wrong, tokens[0]]) {
        const answer = await get(path, bearer(token))
        expect([path, answer.status, answer.body.title]).toEqual([path, 429, 'Too Many Requests'])
        expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
        expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60)
      }
    }
    expect(service.lines.filter((line) => line.event === 'token_rejected')).toHaveLength(10)
    expect((await get('/api/health')).status).toBe(200)
    expect((await get('/api/health/deep')).status).toBe(401)
  })

  it('on Fly each client has a count of its own', async () => {
    await startProduction({ FLY_APP_NAME: 'medio' })
    const from = (client: string) => ({ ...bearer(wrong), 'Fly-Client-IP': client })
    for (let attempt = 0; attempt < 10; attempt += 1) await get('/api/health/deep', from('203.0.113.7'))
    expect((await get('/api/health/deep', from('203.0.113.7'))).status).toBe(429)
    expect((await get('/api/health/deep', from('203.0.113.8'))).status).toBe(401)
    expect(service.lines.find((line) => line.event === 'token_rejected')?.client).toBe('203.0.113.7')
  })

  it('elsewhere nobody can pretend to be another client', async () => {
    await startProduction()
    const from = (attempt: number) => ({
      ...bearer(wrong),
      ...{ 'Fly-Client-IP': `203.0.113.${attempt}`, 'X-Forwarded-For': `203.0.113.${attempt}` },
    })
    for (let attempt = 0; attempt < 10; attempt += 1) await get('/api/health/deep', from(attempt))
    expect((await get('/api/health/deep', from(10))).status).toBe(429)
  })

  it('without any token configured nobody gets in, and the start says so once', async () => {
    await startProduction({ OPERATOR_TOKEN: '' })
    for (const path of operatorPaths) {
      expect((await get(path)).status).toBe(401)
      expect((await get(path, bearer('undefined'))).status).toBe(401)
    }
    const warnings = service.lines.filter((line) => line.event === 'configuration_warning')
    expect(warnings).toMatchObject([{ level: 'warn', variable: 'OPERATOR_TOKEN' }])
  })
})

describe('outside production', () => {
  it('what needs a token there is open, but for a wrong token and for writing', async () => {
    await startProduction({ ENVIRONMENT: 'staging' })
    for (const path of operatorPaths) {
      expect([path, (await get(path)).status, (await get(path, bearer(wrong))).status]).toEqual([path, 200, 401])
    }
    const write = await supertest(service.url).post('/api/deployments').send({ version: '2.0.0' })
    expect(write.status).toBe(401)
    expect(service.lines.filter((line) => line.event === 'configuration_warning')).toEqual([])
    expect((await get('/')).headers).not.toHaveProperty('strict-transport-security')
  })

  it('tells browsers to stay on HTTPS, in production only', async () => {
    await startProduction()
    expect((await get('/')).headers['strict-transport-security']).toBe('max-age=31536000')
  })

  it('reading is closed when STATUS_PUBLIC says so', async () => {
    await startProduction({ ENVIRONMENT: 'staging', STATUS_PUBLIC: 'false' })
    expect((await get('/api/deployments')).status).toBe(401)
    expect((await get('/api/deployments', bearer(tokens[1]))).status).toBe(200)
  })
})
