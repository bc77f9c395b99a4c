import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderHtml } from '../../src/report/format/html.ts'
import { recordedEvidence } from '../report/recorded-evidence.ts'
import { assess, recordedRun } from '../report/recorded-run.ts'
import { accessibilityFaults, desktop, launchBrowser, openPage, phone } from './browser.ts'

let browser: Browser
let directory: string
let url: string

beforeAll(async () => {
  browser = await launchBrowser()
  directory = await mkdtemp(join(tmpdir(), 'medio-report-'))
  const file = join(directory, 'report.html')
  await writeFile(file, renderHtml(assess(recordedRun, { evidence: recordedEvidence })))
  url = pathToFileURL(file).href
})
afterAll(async () => {
  await browser?.close()
  await rm(directory, { recursive: true, force: true })
})

describe('report.html, opened from a file', () => {
  it.each([
    ['light', desktop],
    ['dark', desktop],
    ['light', phone],
    ['dark', phone],
  ] as const)('is accessible in %s at %o', async (colorScheme, viewport) => {
    await using opened = await openPage(browser, url, { colorScheme, viewport, clockRuns: true })
    expect(await accessibilityFaults(opened.page)).toEqual([])
  })

  it('asks for nothing, has nothing to run, and fits a phone: what is wider scrolls by itself', async () => {
    await using opened = await openPage(browser, url, { viewport: phone, clockRuns: true })
    const { page } = opened
    expect(opened.requests).toEqual([`GET ${url}`])
    expect(opened.complaints).toEqual([])
    expect(await page.locator('script').count()).toBe(0)
    const root = 'document.documentElement'
    const widths = await page.evaluate<number[]>(`[${root}.scrollWidth, ${root}.clientWidth]`)
    expect(widths[0]).toBe(widths[1])
    expect(await page.locator('svg').count()).toBeGreaterThan(2)
  })
})
