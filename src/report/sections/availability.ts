import type { Outage, Report } from '../report.ts'
import { counted, inPercent, inTime, inUtc, inWords } from '../wording.ts'
import { type Block, type Section, table, text } from './section.ts'
import { availabilitySentence } from './summary.ts'

export function availability(report: Report): Section {
  const {
    availability: { good, total, ratio, low, high, method },
    outages,
  } = report
  const more = outages.count - outages.listed.length
  const blocks: Block[] = [
    text(availabilitySentence(report)),
    ...table(
      'Share of good probes',
      ['good #', 'of #', 'share #', 'at least #', 'at most #', 'method'],
      total === 0 ? [] : [[inWords(good), inWords(total), inPercent(ratio), inPercent(low), inPercent(high), method]],
    ),
    text(
      'Good: answered with 200, and healthy or degraded. Probes without a network of their own, and the service’s own, do not count.',
    ),
    ...table(
      'Outages: each began after the last good and by the first bad probe, and ended likewise',
      ['last good', 'first bad', 'last bad', 'first good', 'lasted', 'probes #', 'why'],
      outages.listed.map(outageRow),
    ),
    ...(more > 0 ? [text(`${counted(more, 'more outage')} are not listed.`)] : []),
  ]
  return { id: 'availability', title: 'Availability', blocks }
}

function outageRow({
  lastGoodAt,
  firstBadAt,
  lastBadAt,
  firstGoodAt,
  leastMs,
  mostMs,
  probes,
  codes,
  restarts,
}: Outage) {
  const open = firstGoodAt === null ? ', not over' : ''
  const why = codes.map(({ code, count }) => `${code} × ${count}`)
  return [
    ...[inUtc(lastGoodAt), inUtc(firstBadAt), inUtc(lastBadAt), inUtc(firstGoodAt)],
    `${inTime(leastMs)} to ${inTime(mostMs)}${open}`,
    inWords(probes),
    [...why, ...restarts.map((machine) => `machine ${machine} restarted`)].join(', '),
  ]
}
