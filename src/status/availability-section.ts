import type { AvailabilityView, DayLevel, DayView } from './availability-view.ts'
import { type Html, html } from './html.ts'
import { plural, section } from './page-parts.ts'
import type { StatusView } from './view.ts'

const barHeight = 40
const barStep = 10
const barWidth = 7
/** A worse day is lower, not of another colour alone. */
const heights: Readonly<Record<DayLevel, number>> = { all: barHeight, most: 30, less: 18, none: 5 }
const legend: readonly (readonly [DayLevel, string])[] = [
  ['all', 'every probe answered well'],
  ['most', 'at least 99 %'],
  ['less', 'less'],
  ['none', 'no data'],
]

/** 90 days in bars; the same in words for who sees none. */
export function availabilitySection({ availability }: StatusView): Html {
  return section({ id: 'availability', title: 'Availability, 90 days' }, availability, (view) => {
    const bad = view.days.filter(({ failed }) => failed > 0).toReversed()
    return html`
${summary(view)}
${bars(view)}
<p class="ends" aria-hidden="true"><span>${view.days.length} days ago</span><span>today</span></p>
<ul class="legend" aria-hidden="true">${legend.map(
      ([level, text]) =>
        html`<li><svg viewBox="0 0 10 10"><rect class="day-${level}" width="10" height="10" rx="2"/></svg>${text}</li>`,
    )}</ul>
${bad.length === 0 ? undefined : dayTable(bad)}`
  })
}

function summary({ share, between, count, failed, daysWithData, days }: AvailabilityView): Html {
  if (share === undefined || between === undefined) {
    return html`<p>No data: no outside probe has reported in ${days.length} days. One that does: <code>npx medio monitor $URL --forever --post $URL</code></p>`
  }
  const missing = days.length - daysWithData
  return html`<p><strong class="figure">${share}</strong> of ${plural(count, 'outside probe')} answered well, ${failed.toLocaleString('en')} did not; ${plural(daysWithData, 'day')} with data, ${plural(missing, 'day')} without. So many prove a share from ${between[0]} to ${between[1]} (95 % confidence).</p>`
}

function bars(view: AvailabilityView): Html {
  const { days, share = 'no data' } = view
  const label = `Availability by day, ${days.at(0)?.day} to ${days.at(-1)?.day}: ${share}. ${plural(view.daysWithData, 'day')} with data.`
  return html`<svg class="days" role="img" aria-label="${label}" viewBox="0 0 ${days.length * barStep} ${barHeight}" preserveAspectRatio="none">${days.map(bar)}</svg>`
}

function bar(day: DayView, index: number): Html {
  const height = heights[day.level]
  const failed = day.count === 0 ? '' : `, ${day.failed} of ${day.count} probes failed`
  return html`<rect class="day-${day.level}" x="${index * barStep}" y="${barHeight - height}" width="${barWidth}" height="${height}"><title>${day.day}: ${day.text}${failed}</title></rect>`
}

function dayTable(days: readonly DayView[]): Html {
  return html`
<details id="bad-days">
<summary>${plural(days.length, 'day')} with failed probes</summary>
<table>
<thead><tr><th scope="col">Day (UTC)</th><th scope="col">Answered well</th><th scope="col">Failed</th></tr></thead>
<tbody>${days.map(({ day, text, failed, count }) => html`<tr><th scope="row">${day}</th><td>${text}</td><td>${failed} of ${count}</td></tr>`)}</tbody>
</table>
</details>`
}
