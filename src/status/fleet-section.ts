import type { DeploymentView, FleetView, RegionView } from './fleet-view.ts'
import { type Html, html } from './html.ts'
import { icon, plural, section, timeTag } from './page-parts.ts'
import type { StatusView } from './view.ts'

export function machinesSection({ fleet }: StatusView): Html {
  return section({ id: 'machines', title: 'Machines' }, fleet, ({ regions, gone }: FleetView) => {
    if (regions.length === 0) return html`<p>None is on record yet.</p>`
    return html`
${regions.map(regionGroup)}
${gone === 0 ? undefined : html`<p class="quiet">And ${plural(gone, 'machine')} that nobody has seen for a week.</p>`}`
  })
}

function regionGroup({ region, machines }: RegionView): Html {
  return html`
<h3 class="group">${region}</h3>
<ul class="plain">${machines.map(
    ({ id, isThis, isRunning, lastSeen, ran }) => html`
<li>${icon(isRunning ? 'good' : 'quiet')}<code>${id}</code>${isThis ? html` <span class="tag">answers you</span>` : undefined} ${isRunning ? 'runs' : html`stopped or asleep, last seen ${timeTag(lastSeen)}, ${lastSeen.age} ago`}, ran ${ran} in all</li>`,
  )}</ul>`
}

export function deploymentsSection({ deployments }: StatusView): Html {
  return section({ id: 'deployments', title: 'Deployments' }, deployments, (views: readonly DeploymentView[]) => {
    if (views.length === 0) return html`<p>None is on record yet.</p>`
    return html`
<ul class="plain">${views.map(
      ({ version, commit, at, isRunning, source }) => html`
<li><strong>${version}</strong>${commit === undefined ? undefined : html` <code>${commit}</code>`}${isRunning ? html` <span class="tag">answers you</span>` : undefined} ${timeTag(at)}, ${at.age} ago, ${source}</li>`,
    )}</ul>`
  })
}
