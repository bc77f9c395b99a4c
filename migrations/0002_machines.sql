create table machines (
  id text primary key check (length(id) between 1 and 128),
  region text not null,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  running_seconds double precision not null default 0 check (running_seconds >= 0),
  check (last_seen_at >= first_seen_at)
);

comment on table machines is 'Every machine that ever ran the service.';
comment on column machines.running_seconds is 'Over all of its runs, up to last_seen_at; cost is computed from it.';

create table machine_events (
  id bigint generated always as identity primary key,
  machine_id text not null references machines (id) on delete cascade,
  at timestamptz not null,
  kind text not null check (kind in ('start', 'ready', 'resume', 'drain', 'stop')),
  reason text check (reason in ('wake', 'deploy', 'crash', 'unknown')),
  version text,
  commit text,
  phases jsonb check (jsonb_typeof(phases) = 'object'),
  unique (machine_id, at, kind)
);

comment on table machine_events is
  'The timeline of each machine. Unique by machine, time and kind, so that a record sent twice is stored once.';
comment on column machine_events.reason is 'Why: of a start or resume; crash also of a stop that nobody saw.';
comment on column machine_events.phases is 'Of ready: the phases of the start, by name, with their milliseconds.';

create index machine_events_at on machine_events (at);

create table machine_starts (
  machine_id text not null references machines (id) on delete cascade,
  kind text not null check (kind in ('boot', 'resume')),
  reason text not null check (reason in ('wake', 'deploy', 'crash', 'unknown')),
  total bigint not null default 0 check (total >= 0),
  primary key (machine_id, kind, reason)
);

comment on table machine_starts is
  'Behind the counter machine_starts_total. Kept apart from machine_events, whose retention would turn it back.';
