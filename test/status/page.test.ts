import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { contentSecurityPolicy, renderPage } from '../../src/status/page.ts'
import { createStatusData } from '../../src/status/status-data.ts'
import { statusView } from '../../src/status/view.ts'
import { type ScenarioName, scenario, scenarioNames } from './scenarios.ts'

const nowMs = Date.parse('2026-11-22T10:02:03.000Z')

async function pageOf(name: ScenarioName, machineId = '28715d4c671438') {
  const { report, source } = scenario(name, nowMs)
  const data = createStatusData({ source, wallMs: () => nowMs, monotonicMs: () => 0, onReadFailed: () => undefined })
  const facts = {
    environment: 'production',
    version: '1.4.0',
    commit: 'abc',
    machine: { id: machineId, region: 'iad' },
  }
  const view = statusView({ report, history: await data.read(), facts, uptimeMs: 0, nowMs, dayCount: 90 })
  return renderPage(view)
}

describe('the status page', () => {
  it.each(scenarioNames)(
    'allows its one style and its one script by their hashes, and has no other: %s',
    async (name) => {
      const page = await pageOf(name)
      const inline = (tag: string) =>
        [...page.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(([, text]) => text)
      const hashes = [...inline('style'), ...inline('script')].map(
        (text = '') => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
      )
      expect(contentSecurityPolicy).toBe(
        `default-src 'none'; style-src ${hashes[0]}; script-src ${hashes[1]}; connect-src 'self'; img-src data:; ` +
          `base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      expect(hashes).toHaveLength(2)
      const markup = page.replace(/<(style|script)>.*?<\/\1>/gs, '')
      expect(markup.match(/\s(?:style|on\w+)="[^"]*/g)).toBeNull()
      const targets = [...markup.matchAll(/\s(?:src|href|action)="([^"]*)"/g)].map(([, target = '']) => target)
      expect(targets.filter((target) => !/^(?:\/(?!\/)|#|data:image\/svg)/.test(target))).toEqual([])
    },
  )

  it('shows a name that is markup as the text that it is', async () => {
    const page = await pageOf('degraded', '<img src=x onerror=alert(1)>')
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(page).toContain('148e2740fe6789 &lt;b&gt;')
    expect(page).not.toContain('<img')
  })

  it('repeats no id', async () => {
    const ids = [...(await pageOf('outage')).matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})
