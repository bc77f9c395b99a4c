import { createHash } from 'node:crypto'
import { availabilitySection } from './availability-section.ts'
import { deploymentsSection, machinesSection } from './fleet-section.ts'
import { healthLevel, healthSection } from './health-section.ts'
import { Html, html } from './html.ts'
import { incidentsSection } from './incidents-section.ts'
import { latencySection } from './latency-section.ts'
import { objectivesSection } from './objectives-section.ts'
import { timeTag } from './page-parts.ts'
import { refreshScript } from './refresh-script.ts'
import { style } from './style.ts'
import type { StatusView } from './view.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64')

/**
 * Nothing but what the page holds itself: its one style and its one script by their hashes (CSP Level 3, 8.4), its icon,
 * and itself again. A hash, as a nonce would have to be unguessable and new in each of the answers that are shared.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${sha256(style)}'`,
  `script-src 'sha256-${sha256(refreshScript)}'`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Tells a page of another version, whose content the script and the style of this one may not fit. */
const build = sha256(style + refreshScript).slice(0, 12)

/** Without JavaScript the browser asks again itself, though less often: hidden pages would keep a machine awake. */
const reloadSeconds = 120

/** A whole document. */
export function renderPage(view: StatusView): string {
  const { health, environment, version, commit, renderedAt } = view
  return html`<!doctype html>
<html lang="en" data-build="${build}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${health.headline} · Medio backend</title>
<link rel="icon" href="${favicon(view)}">
<noscript><meta http-equiv="refresh" content="${reloadSeconds}"></noscript>
<style>${new Html(style)}</style>
</head>
<body>
<header>
<h1>Medio backend <span class="tag">${environment}</span></h1>
<div>
<p class="fresh quiet"><span>As of <time id="rendered-at" datetime="${renderedAt}">${renderedAt.slice(11, 19)} UTC</time><noscript>; it reloads every ${reloadSeconds} s</noscript></span> <span id="age"></span> <button id="pause" type="button" hidden>Pause refreshing</button></p>
<p id="refresh-failure" class="failing" role="alert"></p>
<p id="news" class="unseen" role="status"></p>
</div>
</header>
<main id="content">${healthSection(view)}${notice(view)}${incidentsSection(view)}${availabilitySection(view)}${latencySection(view)}${objectivesSection(view)}${machinesSection(view)}${deploymentsSection(view)}
</main>
<footer>
<p>Version ${version}${commit === undefined ? undefined : html` <code>${commit.slice(0, 12)}</code>`} · <a href="/api/health">health as JSON</a> · <a href="/status">reload</a></p>
</footer>
<script>${new Html(refreshScript)}</script>
</body>
</html>
`.markup
}

function notice({ unreadableSince }: StatusView): Html | undefined {
  if (unreadableSince === undefined) return undefined
  return html`
<section class="card notice" aria-labelledby="notice">
<h2 id="notice">The history can’t be read</h2>
<p>Since ${timeTag(unreadableSince)}, for ${unreadableSince.age}: the database does not answer, or not in time. What is below is the last that was read; what is above is from this machine’s memory and is true now.</p>
</section>`
}

const iconColours = { good: '1a7f37', warn: 'b58100', bad: 'c9252d', quiet: '6b747e' } as const
const iconShapes = {
  good: '<circle cx="8" cy="8" r="7"/>',
  warn: '<path d="M8 1l7 14H1z"/>',
  bad: '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/>',
  quiet: '<circle cx="8" cy="8" r="4"/>',
} as const

/** The state in the tab, where the page itself is not seen. */
function favicon({ health }: StatusView): string {
  const level = healthLevel(health)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="#${iconColours[level]}">${iconShapes[level]}</svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}
