create table deployments (
  id bigint generated always as identity primary key,
  version text not null,
  commit text,
  image_ref text,
  at timestamptz not null,
  source text not null check (source in ('start', 'pipeline')),
  unique nulls not distinct (version, commit)
);

comment on table deployments is 'One row per version and commit that ever ran, recorded by its first start or by a pipeline.';

create index deployments_at on deployments (at);
