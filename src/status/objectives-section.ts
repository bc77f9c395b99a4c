import { type Html, html } from './html.ts'
import type { ObjectiveView } from './objective-view.ts'
import { section } from './page-parts.ts'
import type { StatusView } from './view.ts'

export function objectivesSection({ objectives }: StatusView): Html {
  return section(
    { id: 'objectives', title: 'Error budget, 30 days' },
    objectives,
    (views) => html`
<ul class="plain grid">${views.map(objectiveItem)}</ul>
<p class="quiet">A burn rate of 1 uses the budget up in exactly ${views[0]?.windowDays} days; 14.4 for an hour is worth a page. As data: <a href="/api/slo">/api/slo</a>.</p>
<details id="counted">
<summary>What is counted</summary>
<dl>${views.map(({ title, counted }) => html`<dt>${title}</dt><dd class="quiet">${counted}</dd>`)}</dl>
</details>`,
  )
}

function objectiveItem(objective: ObjectiveView): Html {
  const { title, target, share, good, total, level, leftPercent, left, burn } = objective
  return html`
<li class="item">
<h3>${title}</h3>
<p class="budget-${level}"><strong>${left}</strong></p>
<svg class="meter meter-${level}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="meter-track" width="100" height="4"/><rect class="meter-left" width="${leftPercent}" height="4"/></svg>
<p class="quiet">${share === undefined ? 'no event yet' : html`${share} of ${total.toLocaleString('en')}, ${(total - good).toLocaleString('en')} bad`}; the promise is ${target}.${burn.length === 0 ? undefined : html` Burn rate: ${burn.join(', ')}.`}</p>
</li>`
}
