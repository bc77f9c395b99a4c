/** `SELECT 1` with a stub in place of the server, on one client and through a pool. raw|timed */
import pg from 'pg'
import { createClientHolds } from '../../src/db/client-holds.ts'
import { createStatementDeadline } from '../../src/db/statement-deadline.ts'
import { type TimedClient, timedClientClass } from '../../src/db/timed-client.ts'
import { TimedPool } from '../../src/db/timed-pool.ts'
import { requestContext } from '../../src/telemetry/request-context.ts'
import { createPostgresStub } from './postgres-stub.ts'
import { createServiceObserver } from './service-observer.ts'
import { serveSlices } from './slices.ts'

const options = { stream: createPostgresStub, user: 'bench', password: 'bench' }
const { client, pool } = process.argv[2] === 'raw' ? raw() : timed()
await client.connect()
serveSlices({ client: () => client.query('SELECT 1'), pool: () => pool.query('SELECT 1') })

function raw() {
  return { client: new pg.Client(options), pool: new pg.Pool(options) }
}

function timed() {
  const observer = createServiceObserver()
  const clients = new Set<TimedClient>()
  const { started } = createStatementDeadline(clients, 12_000)
  const Client = timedClientClass({ observer, slowQueryMs: 100, context: requestContext, clients, started })
  const holds = createClientHolds({ leakAfterMs: 30_000, tell: (hold) => observer.leak(hold) })
  return { client: new Client(options), pool: new TimedPool({ ...options, Client }, observer, holds, requestContext) }
}
