import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { refreshEveryMs } from '../../src/status/refresh-script.ts'
import { scenarioNames } from '../status/scenarios.ts'
import { stageToken, startStatusStage } from '../support/status-stage.ts'
import { accessibilityFaults, desktop, launchBrowser, type OpenedPage, openPage, phone } from './browser.ts'

type Stage = Awaited<ReturnType<typeof startStatusStage>>
let browser: Browser
let stage: Stage

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
})
beforeEach(async () => {
  stage = await startStatusStage({ name: 'healthy' })
})
afterEach(async () => {
  await stage.close()
})

const open = (options: Parameters<typeof openPage>[2] = {}): Promise<OpenedPage> =>
  openPage(browser, `${stage.url}/status`, options)
const openDetails = (page: Page) =>
  page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`)
const textOf = (page: Page, selector: string) => page.locator(selector).textContent()
/** Headless Chromium shows every tab: the page hears what a browser says when somebody goes to another one. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
    document.dispatchEvent(new Event('visibilitychange'))`)
const pagesServed = () => stage.paths.filter((path) => path === 'GET /status').length

/** The server's own time stands still for no test, so what it keeps for seconds is made old. */
async function advance(page: Page, ms: number) {
  stage.forward(ms)
  await page.clock.fastForward(ms)
}

describe('the status page in a browser', () => {
  it.each(scenarioNames)('is accessible in light and dark, on a desk and on a phone, and fits: %s', async (name) => {
    stage.show(name)
    if (name === 'database away') stage.history('fail')
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const viewport of [desktop, phone]) {
        await using opened = await open({ colorScheme, viewport, clockRuns: true })
        await openDetails(opened.page)
        expect([colorScheme, viewport.width, await accessibilityFaults(opened.page)]).toEqual([
          colorScheme,
          viewport.width,
          [],
        ])
        expect(await opened.page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width)
        expect(opened.complaints).toEqual([])
      }
    }
  })

  it('tells all that it shows without JavaScript, and asks the browser to reload it', async () => {
    stage.show('outage')
    await using opened = await open({ javaScriptEnabled: false })
    const { page } = opened
    expect(await textOf(page, '#now')).toBe('Unhealthy')
    expect(await page.locator('main h2').allTextContents()).toEqual([
      ...['Unhealthy', 'Why, and what to do now', 'Checks', 'Incidents', 'Availability, 90 days'],
      ...['Response time, 24 hours', 'Error budget, 30 days', 'Machines', 'Deployments'],
    ])
    expect(await page.locator('meta[http-equiv=refresh]').getAttribute('content')).toBe('120')
    expect(await page.locator('#pause').isVisible()).toBe(false)
    await page.locator('#checks > summary').click()
    expect(await page.locator('#checks li').first().textContent()).toContain('Postgres')
  })

  it('is accessible as it is without JavaScript', async () => {
    // Nothing runs there, the audit neither: so the same markup, with what only such a browser reads laid open.
    const page = await (await fetch(`${stage.url}/status`)).text()
    const body = page.replaceAll(/<\/?noscript>|<script>.*?<\/script>/gs, '')
    const context = await browser.newContext()
    await context.route('**/status', (route) => route.fulfill({ body, contentType: 'text/html' }))
    const shown = await context.newPage()
    await shown.goto(`${stage.url}/status`)
    expect(await shown.locator('meta[http-equiv=refresh]').count()).toBe(1)
    // It reloads on purpose: nothing else could keep it from being old.
    expect(await accessibilityFaults(shown, ['meta-refresh'])).toEqual([])
    await context.close()
  })

  it('asks for nothing but itself, keeps no connection busy, and breaks no rule of its policy', async () => {
    await using opened = await open()
    await advance(opened.page, refreshEveryMs)
    await expect.poll(pagesServed).toBe(2)
    await opened.page.waitForLoadState('networkidle')
    expect(opened.requests.filter((request) => !request.includes(' data:'))).toEqual([
      `GET ${stage.url}/status`,
      `GET ${stage.url}/status`,
    ])
    expect(opened.complaints).toEqual([])
  })

  it('shows and says a change of the status within half a minute, also in the tab', async () => {
    await using opened = await open()
    const { page } = opened
    const icon = await page.locator('link[rel=icon]').getAttribute('href')
    stage.show('outage')
    await advance(page, refreshEveryMs - 1)
    expect(pagesServed()).toBe(1)
    await advance(page, 1)
    await page.locator('#now', { hasText: 'Unhealthy' }).waitFor()
    expect(await textOf(page, '[role=status]')).toBe('The status is now: Unhealthy')
    expect(await page.title()).toBe('Unhealthy · Medio backend')
    expect(await page.locator('link[rel=icon]').getAttribute('href')).not.toBe(icon)
    await advance(page, refreshEveryMs)
    await expect.poll(pagesServed).toBe(3)
  })

  it('asks nothing while nobody sees it, and at once when somebody does again', async () => {
    await using opened = await open()
    const { page } = opened
    await setHidden(page, true)
    await advance(page, 20 * refreshEveryMs)
    expect(pagesServed()).toBe(1)
    stage.show('degraded')
    await setHidden(page, false)
    await advance(page, 1)
    await page.locator('#now', { hasText: 'Degraded' }).waitFor()
    expect(pagesServed()).toBe(2)
  })

  it('waits out the rest of the half minute when it was hidden for a moment only', async () => {
    await using opened = await open()
    const { page } = opened
    await advance(page, 10_000)
    await setHidden(page, true)
    await advance(page, 5_000)
    await setHidden(page, false)
    await advance(page, refreshEveryMs - 15_001)
    expect(pagesServed()).toBe(1)
    await advance(page, 1)
    await expect.poll(pagesServed).toBe(2)
  })

  it('ends a request that is under way when it is hidden, and tells no failure of it', async () => {
    await using opened = await open()
    const { page } = opened
    await page.route('**/status', () => undefined)
    const failed = page.waitForEvent('requestfailed')
    await advance(page, refreshEveryMs)
    await setHidden(page, true)
    expect((await failed).failure()?.errorText).toBe('net::ERR_ABORTED')
    expect(await textOf(page, '#refresh-failure')).toBe('')
  })

  it('says since when it could not be refreshed and why, keeps its age, and is silent again when it could', async () => {
    await using opened = await open()
    const { page } = opened
    const failure = page.locator('#refresh-failure')
    await page.route('**/status', (route) => route.abort('connectionrefused'))
    await advance(page, refreshEveryMs)
    await failure.filter({ hasText: 'no answer' }).waitFor()
    const first = await failure.textContent()
    expect(first).toMatch(/^Could not refresh since \d\d:\d\d:\d\d UTC \(no answer\): what you see is old\.$/)
    await page.unroute('**/status')
    await page.route('**/status', (route) => route.fulfill({ status: 503, body: 'over load' }))
    await advance(page, refreshEveryMs)
    await failure.filter({ hasText: 'the answer was 503' }).waitFor()
    expect((await failure.textContent())?.slice(0, 36)).toBe(first?.slice(0, 36))
    await advance(page, 1_000)
    expect(await textOf(page, '#age')).toMatch(/^6[12] s ago$/)
    expect(await textOf(page, '#now')).toBe('Healthy')
    await page.unroute('**/status')
    await advance(page, refreshEveryMs)
    await expect.poll(() => failure.textContent()).toBe('')
    expect(await textOf(page, '#age')).toBe('0 s ago')
  })

  it('gives up a request that is not answered within ten seconds', async () => {
    await using opened = await open()
    const { page } = opened
    await page.route('**/status', () => undefined)
    const asked = page.waitForRequest('**/status')
    await advance(page, refreshEveryMs)
    await asked
    await advance(page, 10_000)
    await page.locator('#refresh-failure', { hasText: 'no answer within 10 s' }).waitFor()
  })

  it('is loaded anew when another version answers, as its content may need another style', async () => {
    await using opened = await open()
    const { page } = opened
    const body = (await (await fetch(`${stage.url}/status`)).text()).replace(/data-build="[^"]+"/, 'data-build="next"')
    await page.route('**/status', (route) => route.fulfill({ body, contentType: 'text/html' }), { times: 1 })
    const loaded = page.waitForEvent('load')
    await advance(page, refreshEveryMs)
    await loaded
    expect(await page.evaluate('document.documentElement.dataset.build')).not.toBe('next')
  })

  it('is gone through by the keyboard from top to bottom, and a refresh moves neither focus nor what is open', async () => {
    await using opened = await open()
    const { page } = opened
    const focused = () =>
      page.evaluate(
        `(() => { const { activeElement: at } = document; return at.getAttribute('aria-label') ?? at.textContent.trim() })()`,
      )
    const seen: unknown[] = []
    for (let step = 0; step < 9; step += 1) {
      await page.keyboard.press('Tab')
      seen.push(await focused())
    }
    expect(seen).toEqual([
      'Pause refreshing',
      expect.stringMatching(/^Checks/),
      '2 earlier incidents',
      '3 days with failed probes',
      'Chart of the response time, scrolls sideways',
      'The slowest five minutes',
      '/api/slo',
      'What is counted',
      'health as JSON',
    ])
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    expect(await page.locator('#counted').getAttribute('open')).toBe('')
    await advance(page, refreshEveryMs)
    await expect.poll(pagesServed).toBe(2)
    await expect.poll(() => textOf(page, '#age')).toBe('0 s ago')
    expect([await focused(), await page.locator('#counted').getAttribute('open')]).toEqual(['What is counted', ''])
    expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid')
  })

  it('rests while its reader has paused it, and goes on when told to', async () => {
    await using opened = await open()
    const { page } = opened
    await page.locator('#pause').click()
    await advance(page, 4 * refreshEveryMs)
    await setHidden(page, true)
    await setHidden(page, false)
    await advance(page, 4 * refreshEveryMs)
    expect(pagesServed()).toBe(1)
    await page.locator('#pause', { hasText: 'Go on refreshing' }).click()
    await expect.poll(pagesServed).toBe(2)
  })

  it('tells a screen reader in words what the bars and the chart show', async () => {
    await using opened = await open()
    const images = opened.page.getByRole('img')
    const names = await images.evaluateAll((all) =>
      all.map((each) => {
        const ids = each.getAttribute('aria-labelledby')?.split(' ') ?? []
        return (
          each.getAttribute('aria-label') ??
          ids.map((id: string) => each.ownerDocument.getElementById(id)?.textContent).join(' ')
        )
      }),
    )
    expect(names).toEqual([
      expect.stringMatching(
        /^Availability by day, \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d: 99\.93\s%\. 67 days with data\.$/,
      ),
      expect.stringMatching(
        /^Response time, 24 hours Median and 95th percentile over 288 intervals, .* Cold starts: 3\.$/,
      ),
    ])
  })
})

describe('the status page where it is not public', () => {
  it('opens with the token as the password that the browser was given, and refreshes with it', async () => {
    await stage.close()
    stage = await startStatusStage({ name: 'healthy', open: false })
    await using opened = await open({ httpCredentials: { username: 'operator', password: stageToken } })
    expect(await textOf(opened.page, '#now')).toBe('Healthy')
    stage.show('degraded')
    await advance(opened.page, refreshEveryMs)
    await opened.page.locator('#now', { hasText: 'Degraded' }).waitFor()
  })
})
