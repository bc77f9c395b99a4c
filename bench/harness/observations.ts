import type { Observation } from '../../src/observation/observation.ts'

const targets = 40
const beginMs = Date.UTC(2026, 9, 1)
/** 40 probes, each every 10.368 s, make ten million observations in thirty days. */
export const probeIntervalMs = 10_368

/** The observation of this number: whole, and of the 40 targets in turn. Latencies spread over four decades, a hundredth fails. */
export function observationAt(index: number, id: string): Observation {
  const target = index % targets
  const spread = ((index * 2_654_435_761) % 4_294_967_296) / 4_294_967_296
  const fails = index % 100 === 99
  return {
    id,
    at: new Date(beginMs + Math.floor(index / targets) * probeIntervalMs + target).toISOString(),
    ...{ target: `target-${target}`, source: 'london', region: ['iad', 'ams', 'nrt', 'gru'][target % 4] ?? '' },
    ...{ machine: `machine-${target % 8}`, version: '1.0.0', durationMs: Math.round(10 ** (1 + 3 * spread * spread)) },
    ...{ statusCode: fails ? 503 : 200, healthStatus: fails ? 'unhealthy' : 'healthy' },
    ...{
      uptimeMs: 1_000_000 + index,
      databaseMs: 2.5,
      phases: { dnsMs: 1, connectMs: 10, tlsMs: 20, firstByteMs: 90 },
    },
  }
}

export const observationsBeginMs = beginMs
