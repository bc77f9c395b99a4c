import supertest from 'supertest'
import { afterEach, describe, expect, it } from 'vitest'
import { contentSecurityPolicy } from '../../src/status/page.ts'
import { stageToken, startStatusStage } from '../support/status-stage.ts'

type Stage = Awaited<ReturnType<typeof startStatusStage>>
let stage: Stage

afterEach(async () => {
  await stage.close()
})

const ask = () => supertest(stage.url)
const heading = (text: string) => /<h2 id="now">([^<]*)</.exec(text)?.[1]

describe('GET /status', () => {
  it('is a page that nothing keeps, and that may load nothing but itself', async () => {
    stage = await startStatusStage({ name: 'healthy' })
    const { status, headers, text } = await ask().get('/status?cache-buster=1')
    expect([status, heading(text)]).toEqual([200, 'Healthy'])
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': contentSecurityPolicy,
      'referrer-policy': 'no-referrer',
    })
  })

  it('takes HEAD as GET, and refuses other methods', async () => {
    stage = await startStatusStage({ name: 'healthy', nowMs: () => Date.parse('2026-11-22T10:00:00Z') })
    const get = await ask().get('/status')
    const head = await ask().head('/status')
    expect([head.status, head.text]).toEqual([200, undefined])
    expect(head.headers['content-length']).toBe(get.headers['content-length'])
    const post = await ask().post('/status')
    expect([post.status, post.headers.allow, post.body.title]).toEqual([405, 'GET, HEAD', 'Method Not Allowed'])
  })

  it('tells a change of the status at once, although pages are kept for a second', async () => {
    stage = await startStatusStage({ name: 'healthy' })
    await ask().get('/status')
    stage.show('outage')
    expect(heading((await ask().get('/status')).text)).toBe('Unhealthy')
  })

  it('reads the history once for a hundred who look at once', async () => {
    stage = await startStatusStage({ name: 'healthy' })
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask().get('/status')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(stage.calls()).toBe(6)
  })

  it('shows the last of the history with its age while the database refuses, and no text of the error', async () => {
    stage = await startStatusStage({ name: 'healthy' })
    await stage.warm()
    stage.history('fail')
    stage.show('database away')
    stage.forward(5_000)
    const { status, text } = await ask().get('/status')
    expect([status, heading(text)]).toEqual([200, 'Unhealthy'])
    expect(text).toContain('The history can’t be read')
    expect(text.match(/<p class="old">Read at <time/g)).toHaveLength(6)
    expect(text).toContain('99.93\u00a0%')
    expect(text).not.toContain('db.internal')
    stage.history('ok')
    stage.show('healthy')
    stage.forward(5_000)
    expect((await ask().get('/status')).text).not.toContain('The history can’t be read')
  })

  it('answers while the database hangs, also when nothing of the history was ever read', async () => {
    stage = await startStatusStage({ name: 'healthy' })
    stage.history('hang')
    for (let round = 0; round < 3; round += 1) {
      const { status, text } = await ask().get('/status')
      expect([status, heading(text)]).toEqual([200, 'Healthy'])
      expect(text).toContain('The history can’t be read')
      expect(text.match(/Not known yet/g)).toHaveLength(6)
    }
    expect(stage.calls()).toBe(1)
  })
})

describe('a part of the page that could not be loaded', () => {
  it('is loaded by the next who asks', async () => {
    const error = new Error('too many open files')
    stage = await startStatusStage({ name: 'healthy', firstLoad: () => Promise.reject(error) })
    expect((await ask().get('/status')).status).toBe(500)
    expect(stage.failures).toEqual([error])
    expect((await ask().get('/status')).status).toBe(200)
  })
})

describe('GET /status where it is not public', () => {
  const challenge = 'Basic realm="medio", charset="UTF-8"'

  it('lets a browser ask for the token, and takes it as the password of any user or as Bearer', async () => {
    stage = await startStatusStage({ name: 'healthy', open: false })
    const refused = await ask().get('/status')
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, challenge])
    expect(refused.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect((await ask().get('/status').auth('anybody', stageToken)).status).toBe(200)
    expect((await ask().get('/status').auth(stageToken, { type: 'bearer' })).status).toBe(200)
  })

  it('reads nothing for who has no token, and asks again after a wrong one', async () => {
    stage = await startStatusStage({ name: 'healthy', open: false })
    const wrong = await ask().get('/status').auth(stageToken, 'not-the-token-itself')
    expect([wrong.status, wrong.headers['www-authenticate']]).toEqual([401, challenge])
    expect((await ask().head('/status')).status).toBe(401)
    expect(stage.calls()).toBe(0)
  })

  it('limits wrong passwords as it does wrong Bearer tokens', async () => {
    stage = await startStatusStage({ name: 'healthy', open: false })
    for (let attempt = 0; attempt < 10; attempt += 1) await ask().get('/status').auth('a', `guess-${attempt}`)
    const limited = await ask().get('/status').auth('a', stageToken)
    expect(limited.status).toBe(429)
    expect(Number(limited.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(Number(limited.headers['retry-after'])).toBeLessThanOrEqual(60)
    expect(limited.headers).not.toHaveProperty('www-authenticate')
  })

  it('refuses a wrong password also where the page is public', async () => {
    stage = await startStatusStage({ name: 'healthy' })
    expect((await ask().get('/status').auth('a', 'a-wrong-password')).status).toBe(401)
  })
})
