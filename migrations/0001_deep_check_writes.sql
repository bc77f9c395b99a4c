create table deep_check_writes (
  machine_id text primary key check (length(machine_id) between 1 and 128),
  written_at timestamptz not null,
  nonce uuid not null
) with (fillfactor = 50); -- room beside each row, so that its endless updates touch no index and leave no bloat

comment on table deep_check_writes is 'What the deep check last wrote and read back: one row per machine.';
