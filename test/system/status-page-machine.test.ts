import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refreshEveryMs } from '../../src/status/refresh-script.ts'
import { startMachine } from '../support/machine.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { accessibilityFaults, launchBrowser, openPage } from './browser.ts'

const operatorToken = 'the-operator-token'
let database: TestDatabase
let proxy: TcpProxy

beforeAll(async () => {
  database = await createTestDatabase()
  proxy = await createTcpProxy({ port: Number(new URL(database.url).port) })
})
afterAll(async () => {
  await proxy.close()
  await database.drop()
})

it('a machine behind nginx shows its status to who has the token, before, in and after an outage', {
  timeout: 90_000,
}, async () => {
  const url = new URL(database.url)
  url.port = String(proxy.port)
  await using machine = await startMachine({
    env: {
      ...{ DATABASE_URL: url.href, OPERATOR_TOKEN: operatorToken, COMMIT: 'abc1234' },
      ...{ HEALTH_INTERVAL_MS: '500', HEALTH_TIMEOUT_MS: '1000', HEALTH_RETRY_MS: '100' },
      ...{ DATABASE_ACQUIRE_TIMEOUT_MS: '1000', DATABASE_STATEMENT_TIMEOUT_MS: '1000' },
    },
  })
  await machine.opened()
  await machine.logged('metrics_listening')
  const browser = await launchBrowser()
  try {
    expect((await fetch(`${machine.origin}/status`)).status).toBe(401)
    const httpCredentials = { username: 'operator', password: operatorToken }
    await using audited = await openPage(browser, `${machine.origin}/status`, { httpCredentials, clockRuns: true })
    expect(await accessibilityFaults(audited.page)).toEqual([])
    await using opened = await openPage(browser, `${machine.origin}/status`, { httpCredentials })
    const { page } = opened
    expect(await page.locator('#now').textContent()).toBe('Healthy')
    expect(await page.locator('section', { has: page.locator('#deployments') }).textContent()).toContain('abc1234')

    const shows = async (text: string) => {
      // A page is kept for a second, and a new one is told by its time.
      await delay(1_100)
      const answered = page.waitForResponse('**/status')
      await page.clock.fastForward(refreshEveryMs)
      // Until it is in place, the next half minute has not begun.
      const renderedAt = /id="rendered-at" datetime="([^"]+)"/.exec(await (await answered).text())?.[1]
      await page.locator(`#rendered-at[datetime="${renderedAt}"]`).waitFor()
      return (await page.locator('#content').textContent())?.includes(text)
    }
    await proxy.set('hold')
    await expect.poll(() => shows('The history can’t be read'), { timeout: 30_000, interval: 10 }).toBe(true)
    await expect.poll(() => shows('A critical check fails'), { timeout: 30_000, interval: 10 }).toBe(true)
    expect(await page.title()).toBe('Unhealthy · Medio backend')
    expect(await page.locator('#content').textContent()).toContain('abc1234')
    await proxy.set('pass')
    await expect.poll(() => shows('Every check of this machine passes.'), { timeout: 30_000, interval: 10 }).toBe(true)
    expect(opened.complaints).toEqual([])
  } finally {
    await browser.close()
  }
})
