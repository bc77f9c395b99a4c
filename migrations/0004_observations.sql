create table observations (
  id uuid primary key,
  at timestamptz not null,
  intended_at timestamptz,
  target text not null check (length(target) between 1 and 256),
  source text not null check (length(source) between 1 and 64),
  region text,
  machine text,
  version text,
  duration_ms double precision not null check (duration_ms >= 0),
  status_code smallint check (status_code between 100 and 599),
  health_status text,
  error_code text,
  uptime_ms double precision,
  resume_ms double precision,
  database_ms double precision,
  dns_ms double precision,
  connect_ms double precision,
  tls_ms double precision,
  first_byte_ms double precision
);

comment on table observations is 'One probe of one target, as one immutable record.';
comment on column observations.source is 'Who probed. self: the service itself, never counted in availability or objectives.';
comment on column observations.machine is 'The machine that answered, not the one that asked.';
comment on column observations.status_code is 'Null: nobody answered, and error_code says why.';

create index observations_target_at on observations (target, at);
-- Rows come nearly in order of time, so retention finds its old blocks by an index of a few pages.
create index observations_at on observations using brin (at);
