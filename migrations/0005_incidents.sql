create table incidents (
  id bigint generated always as identity primary key,
  check_name text not null,
  scope text not null check (scope in ('local', 'shared')),
  machine_id text,
  code text not null,
  evidence jsonb not null default '{}' check (jsonb_typeof(evidence) = 'object'),
  opened_at timestamptz not null,
  closed_at timestamptz check (closed_at >= opened_at),
  acknowledged_at timestamptz,
  acknowledged_by text,
  check ((scope = 'shared') = (machine_id is null)),
  check (acknowledged_by is null or acknowledged_at is not null)
);

comment on table incidents is 'A check that failed for long enough to be told, from its first failed run to its recovery.';
comment on column incidents.machine_id is 'Null for a shared check: every machine sees the same fault.';

-- Every machine reports a shared fault; the first to write opens the incident, the others find it open.
create unique index incidents_open_shared on incidents (check_name) where closed_at is null and scope = 'shared';
create unique index incidents_open_local on incidents (machine_id, check_name)
  where closed_at is null and scope = 'local';
create index incidents_opened_at on incidents (opened_at);
