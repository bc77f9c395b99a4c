/** Code that a service loads before itself, to break it from inside at SIGHUP. */

/** NODE_OPTIONS that run this code before the service, with no white space in them. */
const preload = (code: string) => ({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` })

/** Gets hold of the pool, and keeps asking it as users would once the fault is there. */
const withPool = (fault: string) =>
  preload(`
    import { createRequire } from 'node:module'
    const { Pool } = createRequire(process.cwd() + '/package.json')('pg')
    const { connect } = Pool.prototype
    let pool
    Pool.prototype.connect = function (...parts) {
      pool ??= this
      return connect.apply(this, parts)
    }
    process.on('SIGHUP', () => {
      for (let taken = 0; taken < pool.options.max; taken++) takeClient()
      setInterval(() => pool.query('select 1').catch(() => undefined), 100).unref()
    })
    ${fault}`)

/** A route that forgets to give its client back. */
export const forgottenClients = withPool(`async function takeClient() { await pool.connect() }`)

/** Taken by a library, in a way that nobody watches, and never given back. */
export const unseenClients = withPool(`function takeClient() { pool.connect(() => undefined) }`)

/** Each waits for the lock of a table, as long as that takes. */
export const waitingClients = withPool(`
  function takeClient() {
    pool.connect((error, client, release) => {
      if (error) throw error
      client.query('begin; lock table deep_check_writes; rollback', () => release())
    })
  }`)

/** V8 says that its heap is nearly full, until SIGHUP. */
export const fullHeap = preload(`
  import { syncBuiltinESMExports } from 'node:module'
  import v8 from 'node:v8'
  const { getHeapStatistics } = v8
  let full = true
  v8.getHeapStatistics = () => {
    const statistics = getHeapStatistics()
    return full ? { ...statistics, used_heap_size: 0.97 * statistics.heap_size_limit } : statistics
  }
  syncBuiltinESMExports()
  process.on('SIGHUP', () => { full = false })`)
