import { type Html, html } from './html.ts'
import type { IncidentView } from './incident-view.ts'
import { icon, plural, section, timeTag } from './page-parts.ts'
import type { StatusView } from './view.ts'

export function incidentsSection({ incidents }: StatusView): Html {
  return section({ id: 'incidents', title: 'Incidents' }, incidents, ({ open, closed }) => {
    if (open.length + closed.length === 0) return html`<p>None is open, and none is on record.</p>`
    return html`
${open.length === 0 ? html`<p>None is open.</p>` : html`<ul class="plain">${open.map(incidentItem)}</ul>`}
${closed.length === 0 ? undefined : html`<details id="over"><summary>${plural(closed.length, 'earlier incident')}</summary><ul class="plain">${closed.map(incidentItem)}</ul></details>`}`
  })
}

function incidentItem(incident: IncidentView): Html {
  const { id, title, code, happened, where, opened, closed, lasted, acknowledged } = incident
  const over = closed !== undefined
  return html`
<li class="item">
<h3>${icon(over ? 'good' : 'bad')}${title} <span class="tag">${over ? 'over' : 'open'}</span></h3>
<p><code>${code}</code>: ${happened}. On ${where}.</p>
<p>From ${timeTag(opened)}${over ? html` to ${timeTag(closed)}` : undefined}, ${over ? 'lasted' : 'for'} ${lasted}. ${acknowledgement(incident)}</p>
${over || acknowledged !== undefined ? undefined : html`<p class="quiet">Acknowledge: <code>curl -X POST -H "Authorization: Bearer $OPERATOR_TOKEN" $URL/api/incidents/${id}/acknowledge</code></p>`}
</li>`
}

function acknowledgement({ acknowledged, closed }: IncidentView): Html | undefined {
  if (acknowledged !== undefined) return html`Acknowledged ${timeTag(acknowledged)}.`
  return closed === undefined ? html`<strong>Not acknowledged.</strong>` : undefined
}
