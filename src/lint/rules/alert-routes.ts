import { type AlertmanagerConf, type AlertmanagerRoute, matches } from '../alertmanager-conf.ts'
import type { Finding, Rule } from '../rule.ts'
import type { AlertRule, Watch } from '../watch.ts'
import type { YamlPath } from '../yaml-file.ts'

/** Every route of Alertmanager ends at a receiver that tells somebody, and what is critical is told at every hour. */
export const alertRoutes: Rule = {
  name: 'alert-routes',
  why: 'an alert that is routed to nobody fires, and nobody is told',
  check({ watch }) {
    const { alertmanager } = watch
    if (alertmanager === undefined) return []
    return [
      ...routeFindings(alertmanager, alertmanager.values.route, ['route'], undefined),
      ...receiverFindings(alertmanager),
      ...watch.alerts.flatMap((alert) => alertFindings(alertmanager, alert)),
      ...inhibitionFindings(alertmanager, watch),
    ]
  },
}

/** The route and those below it, with their paths; a route without a receiver has that of the one above. */
function* routesOf(
  route: AlertmanagerRoute,
  path: YamlPath,
  inherited: string | undefined,
): Generator<{ route: AlertmanagerRoute; path: YamlPath; receiver: string | undefined }> {
  const receiver = route.receiver ?? inherited
  yield { route, path, receiver }
  for (const [index, below] of (route.routes ?? []).entries()) {
    yield* routesOf(below, [...path, 'routes', index], receiver)
  }
}

function routeFindings(
  conf: AlertmanagerConf,
  root: AlertmanagerRoute,
  rootPath: YamlPath,
  inherited: string | undefined,
): Finding[] {
  const receivers = new Set(conf.values.receivers.map(({ name }) => name))
  const intervals = new Set((conf.values.time_intervals ?? []).map(({ name }) => name))
  return [...routesOf(root, rootPath, inherited)].flatMap(({ route, path, receiver }) => {
    const at = conf.at(...path)
    const named = [...(route.active_time_intervals ?? []), ...(route.mute_time_intervals ?? [])]
    return [
      ...(receiver !== undefined && receivers.has(receiver)
        ? []
        : [{ at, what: `there is no receiver ${receiver ?? 'for this route'}`, next: 'Name one of receivers' }]),
      ...named
        .filter((name) => !intervals.has(name))
        .map((name) => ({ at, what: `there is no time interval ${name}`, next: 'Name one of time_intervals' })),
      ...(route.matchers ?? [])
        .filter((matcher) => matches(matcher, {}) === undefined)
        .map((matcher) => ({ at, what: `${matcher} is no matcher`, next: 'Write: label="value"' })),
    ]
  })
}

function receiverFindings(conf: AlertmanagerConf): Finding[] {
  const used = new Set([...routesOf(conf.values.route, [], undefined)].map(({ receiver }) => receiver))
  return conf.values.receivers.flatMap((receiver, index) => {
    const at = conf.at('receivers', index)
    const { name, ...rest } = receiver
    const isDeaf = !Object.entries(rest).some(([key, list]) => key.endsWith('_configs') && isFilled(list))
    return [
      ...(isDeaf ? [{ at, what: `receiver ${name} tells nobody`, next: 'Give it a configuration' }] : []),
      ...(used.has(name) ? [] : [{ at, what: `no route leads to receiver ${name}`, next: 'Route to it, or drop it' }]),
    ]
  })
}

const isFilled = (list: unknown) => Array.isArray(list) && list.length > 0

function alertFindings(conf: AlertmanagerConf, { name, labels, at }: AlertRule): Finding[] {
  const { severity } = labels
  if (severity === undefined) return [{ at, what: `${name} has no severity`, next: 'Add the label severity' }]
  const taken = routesFor(conf.values.route, { ...labels, alertname: name })
  const isMuted = taken.every((route) => route.active_time_intervals ?? route.mute_time_intervals)
  if (severity !== 'critical' || !isMuted) return []
  return [{ at, what: `${name} is critical, and silent at some hours`, next: 'Route it without time intervals' }]
}

/** The routes that take an alert, as Alertmanager finds them: depth first, and on only where a route says so. */
function routesFor(route: AlertmanagerRoute, labels: Readonly<Record<string, string>>): AlertmanagerRoute[] {
  const taken: AlertmanagerRoute[] = []
  for (const below of route.routes ?? []) {
    if (!(below.matchers ?? []).every((matcher) => matches(matcher, labels))) continue
    taken.push(...routesFor(below, labels))
    if (below.continue !== true) break
  }
  return taken.length === 0 ? [route] : taken
}

function inhibitionFindings(conf: AlertmanagerConf, { alerts }: Watch): Finding[] {
  const names = new Set(alerts.map(({ name }) => name))
  return (conf.values.inhibit_rules ?? []).flatMap((rule, index) => {
    const matchers = [...(rule.source_matchers ?? []), ...(rule.target_matchers ?? [])]
    const meant = matchers.flatMap((matcher) => /^alertname=~?"(.*)"$/.exec(matcher)?.[1]?.split('|') ?? [])
    return meant
      .filter((name) => !names.has(name))
      .map((name) => ({
        at: conf.at('inhibit_rules', index),
        what: `an inhibition names ${name}, which is no alert`,
        next: 'Correct the name in src/slo/alerts.ts',
      }))
  })
}
