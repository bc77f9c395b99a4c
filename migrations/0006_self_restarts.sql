alter table machine_events
  add column code text check (length(code) between 1 and 64),
  drop constraint machine_events_kind_check,
  add constraint machine_events_kind_check check (kind in ('start', 'ready', 'resume', 'drain', 'stop', 'restart')),
  add constraint machine_events_restart_code check ((kind = 'restart') = (code is not null));

comment on column machine_events.code is
  'Of restart: the local fault for which this machine was permitted to restart itself, as a reason code.';

create table machine_restarts (
  machine_id text not null references machines (id) on delete cascade,
  code text not null check (length(code) between 1 and 64),
  total bigint not null default 0 check (total >= 0),
  primary key (machine_id, code)
);

comment on table machine_restarts is
  'Behind the counter self_restarts_total. Kept apart from machine_events, whose retention would turn it back.';
