import { latencyChart } from '../charts/latency-chart.ts'
import { durationTick } from '../charts/ticks.ts'
import { Html, html } from './html.ts'
import type { LatencyView } from './latency-view.ts'
import { plural, section, timeTag } from './page-parts.ts'
import type { StatusView } from './view.ts'

const title = 'Response time, 24 hours'

export function latencySection({ latency }: StatusView): Html {
  return section({ id: 'latency', title }, latency, (view) => {
    if (view.count === 0) return html`<p>No data: no outside probe has reported in 24 hours.</p>`
    const { points, from, to, slowest } = view
    return html`
${summary(view)}
<div class="wide" role="region" aria-label="Chart of the response time, scrolls sideways" tabindex="0">${new Html(latencyChart({ points, from, to, title }))}</div>
${slowest.length === 0 ? undefined : slowTable(slowest)}`
  })
}

function summary({ count, cold, slowest }: LatencyView): Html {
  const worst = slowest[0]
  return html`<p>${plural(count, 'outside probe')}, ${plural(cold, 'cold start')}${worst === undefined ? undefined : html`; the slowest took <strong>${durationTick(worst.maxMs)}</strong>`}. Median and 95th percentile of five minutes each; a gap is too few probes to tell.</p>`
}

function slowTable(slowest: LatencyView['slowest']): Html {
  return html`
<details id="slowest">
<summary>The slowest five minutes</summary>
<table>
<thead><tr><th scope="col">From</th><th scope="col">Slowest</th><th scope="col">Failed</th><th scope="col">Cold starts</th></tr></thead>
<tbody>${slowest.map(({ at, maxMs, failed, count, cold }) => html`<tr><th scope="row">${timeTag(at)}</th><td>${durationTick(maxMs)}</td><td>${failed} of ${count}</td><td>${cold}</td></tr>`)}</tbody>
</table>
</details>`
}
