import { source as axeSource } from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const chromiumArguments = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: chromiumArguments })

export const desktop = { width: 1_100, height: 900 } as const
/** The least that WCAG 2.2 asks a page to fit (1.4.10, Reflow). */
export const phone = { width: 320, height: 640 } as const

export interface OpenedPage {
  readonly page: Page
  /** What the page asked for, in order: method and URL. */
  readonly requests: readonly string[]
  /** Console messages and uncaught errors; a violation of the CSP is one. */
  readonly complaints: readonly string[]
  [Symbol.asyncDispose](): Promise<void>
}

/** A page with a profile of its own. Its clock stands still until the test moves it, but where an audit needs it. */
export async function openPage(
  browser: Browser,
  url: string,
  { clockRuns = false, ...options }: BrowserContextOptions & { clockRuns?: boolean } = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: desktop, ...options })
  const page = await context.newPage()
  const requests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  if (!clockRuns && options.javaScriptEnabled !== false) {
    const time = Date.now()
    await page.clock.install({ time })
    // It runs on until it is there.
    await page.clock.pauseAt(time + 5_000)
  }
  await page.goto(url)
  return {
    page,
    requests,
    complaints,
    [Symbol.asyncDispose]: () => context.close(),
  }
}

/** What axe finds against WCAG 2.2 AA and its own best practices, each as rule and element. */
export async function accessibilityFaults(page: Page, exceptRules: readonly string[] = []): Promise<string[]> {
  // By the debugger's way in: the page's own policy would refuse the script.
  await page.evaluate(axeSource)
  return page.evaluate(async (except) => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    const rules = Object.fromEntries(except.map((rule) => [rule, { enabled: false }]))
    const { violations } = await axe.run({ rules })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    )
  }, exceptRules)
}
