import type { Rule } from './rule.ts'
import { alertRoutes } from './rules/alert-routes.ts'
import { alertTests } from './rules/alert-tests.ts'
import { bodyLimit } from './rules/body-limit.ts'
import { checkPaths } from './rules/check-paths.ts'
import { checkTiming } from './rules/check-timing.ts'
import { concurrency } from './rules/concurrency.ts'
import { dataDir } from './rules/data-dir.ts'
import { drainPause } from './rules/drain-pause.ts'
import { entrypoint } from './rules/entrypoint.ts'
import { environment } from './rules/environment.ts'
import { forceHttps } from './rules/force-https.ts'
import { grace } from './rules/grace.ts'
import { imageSource } from './rules/image-source.ts'
import { keepAlive } from './rules/keep-alive.ts'
import { killTimeout } from './rules/kill-timeout.ts'
import { memory } from './rules/memory.ts'
import { metricNames } from './rules/metric-names.ts'
import { metricsClosed } from './rules/metrics-closed.ts'
import { metricsPort } from './rules/metrics-port.ts'
import { nginxInclude } from './rules/nginx-include.ts'
import { proxyTimeouts } from './rules/proxy-timeouts.ts'
import { publicPort } from './rules/public-port.ts'
import { releaseCommand } from './rules/release-command.ts'
import { restartPolicy } from './rules/restart-policy.ts'
import { runbooks } from './rules/runbooks.ts'
import { secrets } from './rules/secrets.ts'
import { shutdownTimeout } from './rules/shutdown-timeout.ts'
import { signals } from './rules/signals.ts'
import { suspend } from './rules/suspend.ts'
import { twoMachines } from './rules/two-machines.ts'
import { upstreamSocket } from './rules/upstream-socket.ts'
import { user } from './rules/user.ts'
import { writablePaths } from './rules/writable-paths.ts'

/** Every rule, in the order in which a request, a stop, a deploy and the watch over them meet them. docs/lint.md is tested against it. */
export const rules: readonly Rule[] = [
  publicPort,
  upstreamSocket,
  checkPaths,
  checkTiming,
  grace,
  drainPause,
  killTimeout,
  shutdownTimeout,
  signals,
  keepAlive,
  proxyTimeouts,
  bodyLimit,
  metricsPort,
  metricsClosed,
  twoMachines,
  restartPolicy,
  concurrency,
  memory,
  suspend,
  dataDir,
  environment,
  secrets,
  releaseCommand,
  imageSource,
  entrypoint,
  user,
  writablePaths,
  nginxInclude,
  forceHttps,
  metricNames,
  alertTests,
  runbooks,
  alertRoutes,
]
