import type { ReasonCode } from '../health/check.ts'

/** What a person needs at 3 a.m.: what happened, and what to do now. The same words as docs/health-api.md has. */
interface ReasonText {
  readonly happened: string
  /** Code stands in backticks. */
  readonly todo: string
}

export const reasonTexts: Readonly<Record<ReasonCode, ReasonText>> = {
  timeout: {
    happened: 'the other side took the connection but did not answer in time',
    todo: "look at its load and locks; for Postgres: `select * from pg_stat_activity where state <> 'idle'`",
  },
  connection_refused: {
    happened: 'nobody listens, or Postgres still starts',
    todo: 'is the other side up, and are host and port right? It recovers by itself',
  },
  connection_lost: {
    happened: 'an open connection broke: restart, fail-over, network',
    todo: 'wait two intervals; if it stays, treat it as `connection_refused`',
  },
  dns_failed: {
    happened: 'the name has no address',
    todo: 'check the name in the variable, then the resolver of the machine',
  },
  tls_failed: {
    happened: 'the certificate or the handshake was refused',
    todo: 'check expiry and host name of the certificate',
  },
  auth_failed: {
    happened: 'user, password, key or token was refused',
    todo: 'was a secret rotated? Set the new one and restart',
  },
  too_many_connections: {
    happened: 'Postgres has no connection left',
    todo: 'find who holds them in `pg_stat_activity`; lower `DATABASE_POOL_MAX` or the number of machines',
  },
  pool_exhausted: {
    happened: 'all connections of this machine are in use and callers wait',
    todo: 'look for `slow_query` and `client_held` in the log of this machine',
  },
  pool_stuck: {
    happened: 'as above, and none was given back for `HEALTH_POOL_STUCK_MS`',
    todo: '`client_held` in the log names the code that keeps one; the machine takes it back, or restarts itself',
  },
  read_only: {
    happened: 'Postgres answers but takes no writes',
    todo: 'a fail-over or a full disk there: does `DATABASE_URL` name the primary?',
  },
  schema_behind: {
    happened: "this version's migrations are not all applied",
    todo: '`npx medio migrate`; why did the release command not do it?',
  },
  disk_full: {
    happened: 'the disk of this machine, or of Postgres, is full or nearly so',
    todo: 'free space or grow the volume; for Postgres do it before it stops',
  },
  disk_read_only: {
    happened: "`DATA_DIR` can't be written",
    todo: 'was the volume remounted after an error? Check mount and owner',
  },
  memory_high: {
    happened: "memory is near the machine's or V8's limit",
    todo: 'restart this machine to get on; then compare the memory panel with the last deploy',
  },
  event_loop_blocked: {
    happened: 'the process was too busy to answer in time',
    todo: "which route's time rose with it? If the CPU is throttled, use a larger machine",
  },
  cpu_high: {
    happened: 'this process used nearly all of its CPU',
    todo: 'more machines, or find the work: traffic, or a loop after a deploy',
  },
  clock_jumped: {
    happened: 'the wall clock stepped by more than 2 s',
    todo: 'look at time synchronisation of the host; tokens and timestamps of that moment are doubtful',
  },
  bad_response: {
    happened:
      'the other side answered, but not as it should: a status of 400 or above, or other bytes than were written',
    todo: "ask the API's status page; for storage check the bucket's name",
  },
  stale: {
    happened: 'a check has not brought a result for too long',
    todo: 'the fault is here, not there: look at `/api/health/live`; restart this machine if it stays',
  },
  check_failed: {
    happened: 'the check failed in a way that has no code of its own',
    todo: 'read `message` with the operator token, or in the last `health_changed` line of the log',
  },
}
