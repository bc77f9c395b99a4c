/** Every check on one page: who it is, what it does, when it runs. */
import type { CheckKind, Config } from '../config.ts'
import type { DeepCheckWrite } from '../db/deep-check-write.ts'
import type { MigrationStatus } from '../db/migration-status.ts'
import type { PoolStats } from '../db/queryable.ts'
import type { SideConnection } from '../db/side-connection.ts'
import type { PoolPressure } from '../db/timed-pool.ts'
import type { RefusedRestart } from '../healing/self-healing.ts'
import type { Delivery } from '../telemetry/delivery.ts'
import type { EventLoopLag } from '../telemetry/event-loop-lag.ts'
import type { Check, ConfiguredCheck } from './check.ts'
import type { CheckWork } from './checks/check-work.ts'
import { createClockCheck } from './checks/clock.ts'
import { createCpuCheck } from './checks/cpu.ts'
import { createDatabaseCheck } from './checks/database.ts'
import { createDiskCheck } from './checks/disk.ts'
import { createEventLoopCheck } from './checks/event-loop.ts'
import { createExternalApiCheck } from './checks/external-api.ts'
import { createMemoryCheck } from './checks/memory.ts'
import { createMigrationsCheck } from './checks/migrations.ts'
import { createPoolCheck } from './checks/pool.ts'
import { createRedisCheck } from './checks/redis.ts'
import { createS3Check } from './checks/s3.ts'
import { createSelfHealingCheck } from './checks/self-healing.ts'
import { createSentryCheck } from './checks/sentry.ts'
import type { MemoryUsage } from './resources.ts'

type CheckTraits = Pick<ConfiguredCheck, 'scope' | 'critical' | 'remote'>

/** `remote` checks pause while the service is idle, so that what they ask may sleep. */
const traits: Readonly<Record<CheckKind, CheckTraits>> = {
  database: { scope: 'shared', critical: true, remote: true },
  pool: { scope: 'local', critical: false, remote: false },
  migrations: { scope: 'shared', critical: false, remote: true },
  redis: { scope: 'shared', critical: false, remote: true },
  s3: { scope: 'shared', critical: false, remote: true },
  external_api: { scope: 'shared', critical: false, remote: true },
  event_loop: { scope: 'local', critical: true, remote: false },
  memory: { scope: 'local', critical: true, remote: false },
  self_healing: { scope: 'local', critical: true, remote: false },
  disk: { scope: 'local', critical: false, remote: false },
  cpu: { scope: 'local', critical: false, remote: false },
  clock: { scope: 'local', critical: false, remote: false },
  sentry: { scope: 'shared', critical: false, remote: false },
}

/** What the checks ask, built by the service. */
export interface CheckSources {
  readonly config: Config
  readonly sideConnection: SideConnection
  readonly writeThroughPool: DeepCheckWrite
  readonly poolStats: () => PoolStats
  readonly poolPressure: () => PoolPressure
  readonly migrationStatus: (signal: AbortSignal) => Promise<MigrationStatus>
  readonly eventLoopLag: Pick<EventLoopLag, 'last' | 'running'>
  readonly machineMemory: () => MemoryUsage
  readonly heapMemory: () => MemoryUsage
  readonly refusedRestart: () => RefusedRestart | undefined
  readonly cpuPercent: () => number
  readonly wallMs: () => number
  readonly monotonicMs: () => number
  readonly lastDelivery: () => Delivery
  /** How checks make their HTTP requests; Node's own when absent. */
  readonly fetch?: typeof fetch
}

export function createChecks({ config, ...sources }: CheckSources): Check[] {
  const { health, healing, machine, redisUrl, s3, externalApis, sentry, dataDir: directory } = config
  const { poolStuckMs } = health
  const machineId = machine.id

  /** Without work there is nothing configured to check. */
  function check(kind: CheckKind, work: CheckWork | undefined, name: string = kind): Check {
    const { remote, ...identity } = traits[kind]
    if (work === undefined) return { name, ...identity, configured: false }
    return { name, ...identity, configured: true, remote, ...health.checks[kind], ...work }
  }

  return [
    check('database', createDatabaseCheck({ ...sources, machineId })),
    check('pool', createPoolCheck({ ...sources, poolStuckMs })),
    check('migrations', createMigrationsCheck(sources)),
    check('redis', redisUrl === undefined ? undefined : createRedisCheck({ url: redisUrl, machineId })),
    check('s3', s3 === undefined ? undefined : createS3Check({ ...sources, s3, machineId })),
    ...externalApis.map((api) =>
      check('external_api', createExternalApiCheck({ ...sources, ...api }), `external_api:${api.name}`),
    ),
    check('event_loop', createEventLoopCheck(sources)),
    check('memory', createMemoryCheck(sources)),
    check('self_healing', healing.enabled ? createSelfHealingCheck(sources) : undefined),
    check('disk', createDiskCheck({ directory })),
    check('cpu', createCpuCheck(sources)),
    check('clock', createClockCheck(sources)),
    check('sentry', sentry === undefined ? undefined : createSentryCheck(sources)),
  ]
}
