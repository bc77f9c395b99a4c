import type { Evidence } from '../../src/report/evidence.ts'

/** What was known beside the recorded run, of every kind. */
export const recordedEvidence: Evidence = {
  machineEvents: [
    { machine: 'm1', region: 'iad', at: '2026-11-22T10:00:01.328Z', kind: 'start', reason: 'wake', source: 'service' },
    {
      ...{ machine: 'm1', region: 'iad', at: '2026-11-22T10:00:01.940Z', kind: 'ready', source: 'service' },
      phases: { listen: 118, database: 301, checks: 193 },
    },
    { machine: 'm1', at: '2026-11-22T10:05:36.000Z', kind: 'exit', exitCode: 0, requestedStop: true, source: 'fly' },
    {
      machine: 'm1',
      at: '2026-11-22T10:05:42.070Z',
      kind: 'start',
      reason: 'deploy',
      version: '1.1.0',
      source: 'service',
    },
    { machine: 'm1', at: '2026-11-22T10:07:21.000Z', kind: 'exit', exitCode: 137, oomKilled: true, source: 'fly' },
    { machine: 'm1', at: '2026-11-22T10:07:26.075Z', kind: 'start', reason: 'crash', source: 'service' },
  ],
  logs: {
    file: 'service.log',
    lines: 1_204,
    unreadableLines: 2,
    classes: {
      expected_while_starting: { count: 3, examples: ['connect ECONNREFUSED while starting'] },
      warning: { count: 0, examples: [] },
      error: { count: 0, examples: [] },
      database_error: { count: 4, examples: ['database check: connection_refused | consecutiveFailures=1'] },
      gateway_error: { count: 0, examples: [] },
    },
  },
  metrics: {
    statements: {
      ...{ count: 812, failed: 4, meanMs: 3.2 },
      buckets: [
        { upperSeconds: 0.1, count: 810 },
        { upperSeconds: 0.5, count: 812 },
        { upperSeconds: 1, count: 812 },
      ],
    },
    slowStatements: 2,
    databaseErrors: { '08': 4 },
    pool: { max: 10, waitingMax: 3, activeMax: 10 },
    requests: { count: 4_211, serverErrors: 3 },
    runningSeconds: 640,
    starts: [{ kind: 'boot', reason: 'deploy', count: 1 }],
    reset: true,
  },
  statements: [
    { query: 'select * from observations where target = $1', calls: 40, totalMs: 9_200, meanMs: 230, maxMs: 480 },
  ],
  probing: {
    ...{ intervalMs: 15_000, timeoutMs: 10_000, planned: 42, sent: 42, late: 1, latestMs: 2_100 },
    ...{ reusedConnections: false, endedEarly: true, controlUrl: 'https://control.example/' },
  },
  invalidLines: { count: 1, examples: ['line 7: durationMs is no number'] },
  gaps: ['The Machines API answered 429 twice: events of machine m2 are missing.'],
}
