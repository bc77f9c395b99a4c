import pg from 'pg'
import { samplesOf } from './exposition-samples.ts'
import { createTestDatabase } from './postgres.ts'
import { type EndedProgram, runProgram } from './program.ts'
import { type SentryReceiver, startSentryReceiver } from './sentry-receiver.ts'
import { quickChecks, type RunningService, startService } from './service.ts'

/** How long a fault must last here, instead of two minutes. */
const afterMs = 2_400
/** So long that whatever would end a process for it has ended it. */
export const longMs = 3 * afterMs

/** A database and a receiver of errors, for the services of machine `one` that come one after the other. */
export interface HealingStage {
  readonly receiver: SentryReceiver
  start(env?: Readonly<Record<string, string>>): Promise<RunningService>
  /** As the supervisor of that machine asks, without a disk: the database has every record. */
  permitFor(machine: string, code?: string): Promise<EndedProgram>
  rows(text: string): Promise<unknown[]>
  close(): Promise<void>
}

export async function openHealingStage(): Promise<HealingStage> {
  const database = await createTestDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const receiver = await startSentryReceiver()
  return {
    receiver,
    async start(env = {}) {
      const service = await startService({
        ...quickChecks.env,
        DATABASE_URL: database.url,
        DATABASE_POOL_MAX: '2',
        DATABASE_ACQUIRE_TIMEOUT_MS: '1000',
        DATABASE_LEAK_AFTER_MS: '1000',
        FLY_MACHINE_ID: 'one',
        HEALING_AFTER_MS: String(afterMs),
        SENTRY_DSN: receiver.dsn,
        ...env,
      })
      await service.logged('metrics_listening')
      return service
    },
    permitFor: (machine, code = 'memory_high') =>
      runProgram('medio', ['permit-restart', code], {
        ...{ DATABASE_URL: database.url, FLY_MACHINE_ID: machine, DATA_DIR: '/dev/null/none' },
      }),
    rows: async (text) => (await client.query({ text, rowMode: 'array' })).rows,
    async close() {
      await receiver.close()
      await client.end()
      await database.drop()
    },
  }
}

export const eventsOf = (service: RunningService) => service.lines.map(({ event }) => event)

/** What was sent to the receiver, as messages. */
export const messagesOf = ({ events }: SentryReceiver) => events.map(({ event }) => event.exception?.values?.[0]?.value)

export async function sampleOf(service: RunningService, series: string): Promise<number | undefined> {
  return samplesOf(await (await fetch(service.metricsUrl)).text()).get(series)
}
