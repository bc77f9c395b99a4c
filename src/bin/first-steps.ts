/** What to try, for a person who has just started the service. */
export function firstSteps(ports: {
  readonly port: number | undefined
  readonly metricsPort: number | undefined
}): string {
  const base = ports.port === undefined ? undefined : `localhost:${ports.port}`
  if (base === undefined) return ''
  return `
Medio backend is ready on http://${base}

  curl ${base}/api/health                        the truth about this instance, from memory
  curl '${base}/api/health?format=text'          the same for a person
  curl ${base}/api/health/deep                   every check, run now, with writes
  curl ${base}/api/health/startup                where the time of this start went
  curl ${base}/api/deployments                   what ran here
${ports.metricsPort === undefined ? '' : `  curl localhost:${ports.metricsPort}/metrics                     numbers for Prometheus\n`}
Ctrl-C drains and stops.
`
}
