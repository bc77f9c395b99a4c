import { isOk, type Observation } from '../observation/observation.ts'
import { faultCodes } from './fault-codes.ts'
import type { Stretch } from './report.ts'

const mostListed = 200
/** Words from outside may be of any length. */
const longest = 200

export interface StretchTracker {
  add(observation: Observation): void
  /** So far; the last one may go on. */
  stretches(): { readonly count: number; readonly listed: readonly Stretch[] }
}

/** What the health checks told, one entry for as long as they told the same. */
export function createStretchTracker(): StretchTracker {
  const listed: Stretch[] = []
  let count = 0
  let open: { told: string; from: string; to: string; probes: number } | undefined

  function close(): void {
    if (open === undefined) return
    count += 1
    if (listed.length < mostListed) listed.push(open)
  }

  return {
    add(observation) {
      const told = toldBy(observation).slice(0, longest)
      if (open?.told !== told) {
        close()
        open = { told, from: observation.at, to: observation.at, probes: 0 }
      }
      open.to = observation.at
      open.probes += 1
    },
    stretches() {
      return open === undefined
        ? { count, listed: [...listed] }
        : { count: count + 1, listed: [...listed, { ...open }] }
    },
  }
}

function toldBy(observation: Observation): string {
  const { healthStatus, reasons = [], statusCode } = observation
  if (isOk(observation) && reasons.length === 0) return healthStatus ?? ''
  const codes = faultCodes(observation)
  if (healthStatus === undefined || reasons.length === 0) return [...new Set(codes)].join(', ')
  return `${healthStatus} (${[...(statusCode === 200 ? [] : [`http_${statusCode}`]), ...codes].join(', ')})`
}
