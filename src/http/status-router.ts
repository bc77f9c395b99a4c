import { type RequestHandler, Router } from 'express'
import type { InstanceFacts } from '../health/format/instance-facts.ts'
import type { HealthReport } from '../health/report.ts'
import type { StatusData } from '../status/status-data.ts'
import type { StatusPage } from '../status/status-page.ts'
import type { StatusSource } from '../status/status-source.ts'
import { methodNotAllowed } from './method-not-allowed.ts'

export interface StatusRouter {
  readonly router: Router
  /** Reads the history, so that there is one to show when the database goes away before anybody looked. */
  warm(): Promise<void>
}

/** `GET /status`: the page for people. What renders it loads at the first request. */
export function createStatusRouter(options: {
  /** Called once, at the first request or reading. */
  source: () => Promise<StatusSource>
  report: () => HealthReport
  facts: () => Pick<InstanceFacts, 'environment' | 'version' | 'commit' | 'machine'>
  authorisePage: RequestHandler
  uptimeMs: () => number
  wallMs: () => number
  monotonicMs: () => number
  /** A statement of the page failed; once an outage. */
  onReadFailed: (error: unknown) => void
}): StatusRouter {
  const { authorisePage, source } = options
  let data: Promise<StatusData> | undefined
  let page: Promise<StatusPage> | undefined

  /** What could not be loaded, for want of memory or of files, is tried anew by the next who asks. */
  function loadData(): Promise<StatusData> {
    data ??= createData().catch((error) => {
      data = undefined
      throw error
    })
    return data
  }
  function loadPage(): Promise<StatusPage> {
    page ??= createPage().catch((error) => {
      page = undefined
      throw error
    })
    return page
  }
  async function createData(): Promise<StatusData> {
    const { createStatusData } = await import('../status/status-data.ts')
    return createStatusData({ ...options, source: await source() })
  }
  async function createPage(): Promise<StatusPage> {
    const [{ createStatusPage }, known] = await Promise.all([import('../status/status-page.ts'), loadData()])
    return createStatusPage({ ...options, data: known })
  }

  const router = Router()
  router
    .route('/status')
    .get(authorisePage, async (_request, response) => {
      const { contentSecurityPolicy, render } = await loadPage()
      response.setHeader('Content-Security-Policy', contentSecurityPolicy)
      response.setHeader('Cache-Control', 'no-store')
      response.setHeader('Referrer-Policy', 'no-referrer')
      response.type('html').send(await render())
    })
    .all(methodNotAllowed(['GET', 'HEAD']))

  return {
    router,
    async warm() {
      await (await loadData()).read()
    },
  }
}
