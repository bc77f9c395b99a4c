/** Names of checks, as people call the things that they ask. */
const titles: Readonly<Record<string, string>> = {
  database: 'Postgres',
  pool: 'Connection pool',
  migrations: 'Schema',
  redis: 'Redis',
  s3: 'Object storage',
  event_loop: 'Event loop',
  memory: 'Memory',
  self_healing: 'Self-healing',
  disk: 'Disk',
  cpu: 'CPU',
  clock: 'Clock',
  sentry: 'Sentry',
}

/** A check of another version, as an old incident may have it, keeps its name. */
export function checkTitle(check: string): string {
  const [kind, name] = check.split(':')
  if (kind === 'external_api' && name !== undefined) return `External API ${name}`
  return titles[check] ?? check
}
