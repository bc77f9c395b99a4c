export const monitorUsage = `usage: medio monitor URL... [options]          probe, then report
       medio monitor --replay FILE [options]  the report of recorded observations (JSON lines)

  --duration 5m      how long to probe; --interval 15s between probes: 20 of them
  --interval 15s     of one target; probes are due by the clock, whatever became of the last one
  --timeout 10s      of one probe
  --path PATH        what to ask, may be repeated (/api/health)
  --target NAME      the target's name in the record (host and path)
  --source NAME      the prober's name in the record (monitor)
  --control URL      asked when a probe gets no answer: is it the prober that has no network?
  --reuse            keep connections instead of opening one for each probe
  --fly-app NAME     every machine of the app in turn, and their events; needs FLY_API_TOKEN
  --logs FILE        the service's log: JSON lines or the text of fly logs
  --metrics URL      the service's /metrics, read while probing
  --statements URL   the service, for its top statements; needs OPERATOR_TOKEN
  --criteria FILE    JSON, in place of the default criteria
  --baseline FILE    a report.json to compare with
  --post URL         send the observations to a service; needs PROBE_TOKEN
  --forever          until Ctrl-C or SIGTERM
  --out DIR          report.md, report.html, report.json, junit.xml, observations.jsonl, evidence.json

  exit code: 0 criteria met, 1 one not met, 2 usage or set-up, 3 not enough data
`
