import type { Observation } from '../observation/observation.ts'
import type { Evidence } from '../report/evidence.ts'
import { startFlyWatch } from './fly-watch.ts'
import { readLogEvidence } from './log-evidence.ts'
import type { LogWindow } from './log-findings.ts'
import { createMachinesApi } from './machines-api.ts'
import { startMetricsWatch } from './metrics-watch.ts'
import type { LiveOptions } from './options.ts'
import { createPostQueue } from './post-queue.ts'
import type { MonitorSecrets, Prepared } from './prepare.ts'
import { fetchStatements } from './statements.ts'

/** What is asked beside the probes, and where they are sent. */
export interface EvidenceSources {
  /** To be probed by name; empty: whichever Fly's proxy chooses. */
  machines(): readonly string[]
  post(observation: Observation): void
  /** What a run before may have had no time to send: the history knows what it has. */
  postAgain(observation: Observation): void
  /** Works in the background until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>
  /** What is known in the end. `fromMs`: when the run began. */
  finish(run: { fromMs: number; window: LogWindow }): Promise<Evidence>
}

/** Whoever pressed Ctrl-C waits for it. */
const finishWithinMs = 15_000

/** Resolves with the problem when there is nothing to probe. */
export async function startEvidenceSources(
  options: LiveOptions,
  run: { prepared: Prepared; secrets: MonitorSecrets; signal: AbortSignal },
): Promise<EvidenceSources | { readonly problem: string }> {
  const { flyApp, metricsUrl, postUrl, statementsUrl, logFile } = options
  const { prepared, secrets, signal } = run
  const fly = flyApp === undefined ? undefined : await watchFly(flyApp, prepared.flyApiUrl, secrets, signal)
  if (fly !== undefined && 'problem' in fly) return fly
  const metrics = metricsUrl && (await startMetricsWatch(metricsUrl, signal))
  const post = postUrl && createPostQueue({ url: postUrl, token: secrets.PROBE_TOKEN ?? '', random: Math.random })

  return {
    machines: () => fly?.machines() ?? [],
    post: (observation) => post?.add(observation),
    postAgain: (observation) => post?.addAgain(observation),
    async follow(until) {
      await Promise.all([fly?.follow(until), metrics?.follow(until), post?.follow(until)])
    },
    async finish({ fromMs, window }) {
      const within = AbortSignal.timeout(finishWithinMs)
      const token = secrets.OPERATOR_TOKEN ?? ''
      const [ofFly, ofMetrics, unposted, ofStatements, ofLog] = await Promise.all([
        fly?.finish(fromMs, within),
        metrics?.finish(within),
        post?.finish(within),
        statementsUrl && fetchStatements(statementsUrl, { token, signal: within }),
        readLogEvidence(logFile, window),
      ])
      return joined(
        [ofFly && { machineEvents: ofFly.events, gaps: ofFly.gaps }, ofMetrics, ofStatements, ofLog],
        unposted,
      )
    },
  }
}

async function watchFly(app: string, baseUrl: URL, secrets: MonitorSecrets, signal: AbortSignal) {
  const api = createMachinesApi({ baseUrl, app, token: secrets.FLY_API_TOKEN ?? '' })
  const watch = await startFlyWatch(api, signal)
  return 'problem' in watch ? { problem: `--fly-app ${app}: ${watch.problem}` } : watch
}

function joined(parts: readonly (Evidence | undefined)[], unposted: readonly string[] | undefined): Evidence {
  const told = parts.filter((part) => part !== undefined)
  const events = told.flatMap(({ machineEvents }) => (machineEvents === undefined ? [] : [machineEvents])).flat()
  return {
    ...Object.assign({}, ...told),
    ...(told.some(({ machineEvents }) => machineEvents !== undefined) && { machineEvents: events }),
    gaps: [...told.flatMap(({ gaps }) => gaps), ...(unposted ?? [])],
  }
}
