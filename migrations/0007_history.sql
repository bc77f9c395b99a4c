alter table observations add column reasons jsonb check (jsonb_typeof(reasons) = 'array');

comment on column observations.reasons is 'The checks that the answer called not healthy, with their codes; null: it told none.';

-- Reports read all targets in order of time, which BRIN can't give.
drop index observations_at;
create index observations_at on observations (at);

create table observation_deltas (
  id bigint generated always as identity primary key,
  groups json not null check (json_typeof(groups) = 'array')
);

comment on table observation_deltas is
  'What one batch of observations adds to the rollups, written in its transaction, until a job has merged it.';
comment on column observation_deltas.groups is
  'Per minute, target, source and region: counts, greatest milliseconds, log buckets (src/history/rollup-group.ts).';

create table observation_rollups (
  resolution smallint not null check (resolution in (1, 5, 60, 1440)),
  at timestamptz not null,
  target text not null,
  source text not null,
  region text not null,
  count bigint not null check (count > 0),
  ok bigint not null check (ok between 0 and count),
  cold bigint not null check (cold between 0 and count),
  max_ms double precision,
  histogram bytea not null,
  primary key (resolution, target, at, source, region)
);

comment on table observation_rollups is
  'Observations that tell something of their target, counted by minute, 5 minutes, hour and day of UTC.';
comment on column observation_rollups.resolution is 'Minutes.';
comment on column observation_rollups.target is
  'Empty: all targets together; then an empty source is every one but self, and an empty region is every one.';
comment on column observation_rollups.region is 'Empty, where a target is told: not known.';
comment on column observation_rollups.cold is 'Answers that waited for a cold start or a resume.';
comment on column observation_rollups.histogram is
  'Answers by log bucket: varints, each the distance to the bucket before and its count (src/history/histogram-bytes.ts).';

-- For retention; written nearly in order of time.
create index observation_rollups_at on observation_rollups using brin (at);

create table slo_minutes (
  at timestamptz not null,
  process_id uuid not null,
  objective text not null check (length(objective) between 1 and 64),
  good bigint not null check (good >= 0),
  total bigint not null check (total >= good),
  primary key (at, process_id, objective)
);

comment on table slo_minutes is
  'What each objective counted in the minute before `at`, by process, so that a row told twice is stored once.';

alter table incidents
  add column last_failed_at timestamptz,
  add column opened_by text,
  add column acknowledged_note text;

comment on column incidents.last_failed_at is
  'By the server''s clock, when a machine last told that the check still fails: a shared incident stays open for it.';
comment on column incidents.opened_by is 'The machine that told of it first.';

create index incidents_check on incidents (check_name, opened_at);
