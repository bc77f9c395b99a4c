-- wrk calls this once at the end; only `done` is defined, so no Lua runs per request.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nreport {"requests":%d,"seconds":%.6f,"p50Us":%d,"p90Us":%d,"p99Us":%d,"refused":%d,"failed":%d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(90), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
