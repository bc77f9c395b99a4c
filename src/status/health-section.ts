import type { CheckView, HealthView, ReasonView } from './health-view.ts'
import { type Html, html } from './html.ts'
import { icon, plural, proseWithCode, timeTag } from './page-parts.ts'
import type { StatusView } from './view.ts'

const levels = { healthy: 'good', degraded: 'warn', unhealthy: 'bad', starting: 'quiet', draining: 'quiet' } as const
export const healthLevel = ({ status }: HealthView) => levels[status]

const checkLevels: Readonly<Record<string, keyof typeof words>> = {
  healthy: 'good',
  degraded: 'warn',
  unhealthy: 'bad',
  stale: 'bad',
}
const words = { good: 'good', warn: 'warn', bad: 'bad', quiet: 'quiet' } as const

/** Now, and why. */
export function healthSection({ health, incidents, machine, upFor }: StatusView): Html {
  const openElsewhere = incidents?.value.open.length ?? 0
  const level = healthLevel(health)
  return html`
<section class="now now-${level}" aria-labelledby="now">
${icon(level)}
<div>
<h2 id="now">${health.headline}</h2>
<p>${health.explanation}${sinceText(health)}</p>
${openElsewhere === 0 ? undefined : html`<p><a href="#incidents">${plural(openElsewhere, 'incident is', 'incidents are')} open.</a></p>`}
<p class="quiet">As machine <code>${machine.id}</code> in ${machine.region} sees it, up for ${upFor}.</p>
</div>
</section>
${health.reasons.length === 0 ? undefined : reasonList(health.reasons)}
${health.checks.length === 0 ? undefined : checkList(health.checks)}`
}

const sinceText = ({ since }: HealthView) =>
  since === undefined ? undefined : html` Since ${timeTag(since)}, for ${since.age}.`

function reasonList(reasons: readonly ReasonView[]): Html {
  return html`
<section class="card" aria-labelledby="reasons">
<h2 id="reasons">Why, and what to do now</h2>
<ul class="plain">${reasons.map(reasonItem)}</ul>
<p class="quiet">More: <a href="/api/health?format=text">the report as text</a>, and <code>docs/health-api.md</code>, “Reasons and what to do now”.</p>
</section>`
}

function reasonItem(reason: ReasonView): Html {
  const { check, title, critical, status, code, happened, todo, since, consecutiveFailures } = reason
  return html`
<li class="item">
<h3>${icon(checkLevels[status] ?? 'quiet')}${title} <span class="tag">${status}</span>${critical ? html` <span class="tag">critical</span>` : undefined}</h3>
<p><code>${code}</code>: ${happened}.${since === undefined ? undefined : html` Since ${timeTag(since)}, for ${since.age}, ${plural(consecutiveFailures, 'failure')} in a row.`}</p>
<p><strong>What to do:</strong> ${proseWithCode(todo)}.</p>
<p class="quiet">Run it now: <code>curl -H "Authorization: Bearer $OPERATOR_TOKEN" $URL/api/health/checks/${check}</code></p>
</li>`
}

function checkList(checks: readonly CheckView[]): Html {
  const passing = checks.filter(({ status }) => status === 'healthy').length
  const configured = checks.filter(({ status }) => status !== 'not configured').length
  return html`
<details id="checks" class="card">
<summary><h2>Checks</h2><span class="quiet">${passing} of ${configured} pass</span></summary>
<ul class="plain checks">${checks.map(
    ({ title, status, measured, checkedAgo }) => html`
<li>${icon(checkLevels[status] ?? 'quiet')}<span class="name">${title}</span> <span>${status}</span> <span class="quiet">${measured}${measured === '' || checkedAgo === '' ? undefined : ', '}${checkedAgo === '' ? undefined : `${checkedAgo} ago`}</span></li>`,
  )}</ul>
</details>`
}
