import type { Report } from '../report.ts'
import { inTime, inUsd } from '../wording.ts'
import { list, type Section, table, text } from './section.ts'

export function costs({ costs: { rows, notes, pricesReadOn }, evidence: { probing } }: Report): Section {
  const probed = probing === undefined ? 'probed' : `probed every ${inTime(probing.intervalMs)}`
  const blocks = [
    ...table(
      'Machines a month, in US dollars, by profile of fly.toml',
      ['profile', 'without traffic #', `${probed} #`, 'work for all #'],
      rows.map(({ profile, idleUsd, probedUsd, busyUsd }) => [
        profile,
        inUsd(idleUsd),
        probedUsd === null ? 'interval not known' : inUsd(probedUsd),
        inUsd(busyUsd),
      ]),
    ),
    ...list(notes),
    text(`Prices of ops/fly-prices.json, read on ${pricesReadOn}.`),
  ]
  return { id: 'costs', title: 'Cost', blocks }
}
